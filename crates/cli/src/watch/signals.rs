//! The streams of a server as a bell: something has happened to the run.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sluice_client::Target;
use sluice_client::streams::{EventsOut, LogsOut, StreamError};
use sluice_wire::ids::FlowRunId;
use sluice_wire::time::TimeDelta;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::session::now;

/// How long it takes until a broken stream is opened again.
const RECONNECT: Duration = Duration::from_secs(3);

/// How long a stream may last.
const YEARS: TimeDelta = TimeDelta::from_secs(10 * 365 * 24 * 3600);

/// Listens as long as it lives.
pub(super) struct Signals {
    bell: Arc<Notify>,
    _listeners: JoinSet<()>,
}

impl Signals {
    /// Begins to listen for what happens to the run and for what it logs. A server without streams is not an error:
    /// the bell never rings.
    pub(super) fn listen(target: &Target, id: FlowRunId) -> Self {
        let bell = Arc::new(Notify::new());
        let mut listeners = JoinSet::new();
        let (target, events_bell) = (target.clone(), bell.clone());
        let logs_target = target.clone();
        listeners.spawn(async move {
            while is_worth_a_try(events(&target, id, &events_bell).await) {
                tokio::time::sleep(RECONNECT).await;
            }
        });
        let logs_bell = bell.clone();
        listeners.spawn(async move {
            while is_worth_a_try(logs(&logs_target, id, &logs_bell).await) {
                tokio::time::sleep(RECONNECT).await;
            }
        });
        Self { bell, _listeners: listeners }
    }

    /// Waits for the bell, but not longer than `most`.
    pub(super) async fn wait(&mut self, most: Duration) {
        // That the time is over is as good as the bell.
        let _ = tokio::time::timeout(most, self.bell.notified()).await;
    }
}

async fn events(target: &Target, id: FlowRunId, bell: &Notify) -> Result<(), StreamError> {
    // Without an end, servers take the time when they were asked for it.
    let occurred = json!({ "since": now(), "until": now() + YEARS });
    let resource = json!({ "id": [format!("prefect.flow-run.{id}")] });
    let Some(filter) = filter(json!({ "occurred": occurred, "any_resource": resource })) else {
        return Ok(());
    };
    let mut stream = EventsOut::open(target, &filter).await?;
    loop {
        stream.next().await?;
        bell.notify_one();
    }
}

async fn logs(target: &Target, id: FlowRunId, bell: &Notify) -> Result<(), StreamError> {
    let Some(filter) = filter(json!({ "flow_run_id": { "any_": [id] } })) else { return Ok(()) };
    let mut stream = LogsOut::open(target, &filter).await?;
    loop {
        stream.next().await?;
        bell.notify_one();
    }
}

fn filter<T: serde::de::DeserializeOwned>(filter: Value) -> Option<T> {
    serde_json::from_value(filter).ok()
}

fn is_worth_a_try(ended: Result<(), StreamError>) -> bool {
    match ended {
        Ok(()) => false,
        Err(error) => {
            tracing::debug!(%error, "a stream ended; the server is asked instead");
            error.is_temporary()
        }
    }
}
