//! Hears that runs are cancelled, over `/events/out` and, in case one was not heard of, by asking from time to time.
//! Where the server does not say over the worker channel that runs are due, this stream says it, too.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluice_client::streams::{EventsOut, StreamError};
use sluice_client::{ClientError, SetStateBody};
use sluice_wire::events::ReceivedEvent;
use sluice_wire::events::filter::{AnyResourceFilter, EventFilter, NameFilter, OccurredFilter, OneOrMany};
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::FlowRunId;
use sluice_wire::states::StateType;
use sluice_wire::time::TimeDelta;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::flow_run::stop;
use crate::launchers::StopCause;
use crate::shared::Shared;

const CANCELLING: &str = "prefect.flow-run.Cancelling";
/// States in which a run can be taken.
const DUE: [&str; 5] = [
    "prefect.flow-run.Scheduled",
    "prefect.flow-run.Late",
    "prefect.flow-run.AwaitingRetry",
    "prefect.flow-run.Resuming",
    "prefect.flow-run.AwaitingConcurrencySlot",
];
/// How long is waited for the worker channel to say what it does.
const PATIENCE: Duration = Duration::from_secs(5);
/// Until when events of a stream may have occurred.
const STREAM: TimeDelta = TimeDelta::from_secs(365 * 86_400);
/// How long a stream may be silent before it is opened anew.
const LONGEST_STREAM: Duration = Duration::from_secs(3_600);
const RECONNECT: Duration = Duration::from_secs(2);
/// How many cancelled runs of other workers are looked at in one round.
const MOST: usize = 200;

/// Listens and looks until the worker stops.
pub(crate) async fn watch(shared: Arc<Shared>) {
    tokio::join!(listen(&shared), look(&shared));
}

async fn listen(shared: &Arc<Shared>) {
    loop {
        let mut is_told = shared.is_told.subscribe();
        let told = match timeout(PATIENCE, is_told.wait_for(Option::is_some)).await {
            Ok(Ok(told)) => told.unwrap_or(false),
            _ => false,
        };
        let ended = tokio::select! {
            ended = hear(shared, told) => ended,
            // Another server, or the same one of another version.
            () = changes_from(told, &mut is_told) => continue,
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "the stream of events ended");
        }
        sleep(RECONNECT).await;
    }
}

async fn changes_from(told: bool, is_told: &mut watch::Receiver<Option<bool>>) {
    if is_told.wait_for(|now| now.is_some_and(|now| now != told)).await.is_err() {
        std::future::pending().await
    }
}

async fn hear(shared: &Arc<Shared>, told: bool) -> Result<(), StreamError> {
    let mut names = vec![CANCELLING.to_owned()];
    if !told {
        names.extend(DUE.map(str::to_owned));
    }
    let now = shared.now();
    let pool = format!("prefect.work-pool.{}", shared.pool().id);
    let filter = EventFilter {
        // Without an end the filter would end now.
        occurred: OccurredFilter { since: Some(now), until: Some(now + STREAM) },
        event: Some(NameFilter { name: Some(names), ..NameFilter::default() }),
        any_resource: Some(OneOrMany::One(AnyResourceFilter {
            id: Some(vec![pool]),
            ..AnyResourceFilter::default()
        })),
        ..EventFilter::default()
    };
    let mut events = EventsOut::open(shared.client.target(), &filter).await?;
    // What happened while nobody listened is found by looking.
    shared.wake.notify_one();
    let catching_up = Arc::clone(shared);
    tokio::spawn(async move { look_once(&catching_up).await });
    loop {
        let next = timeout(LONGEST_STREAM, events.next()).await;
        let Ok(event) = next else { return Ok(()) };
        let event = event?;
        if event.event == CANCELLING {
            if let Some(id) = flow_run_of(&event) {
                let shared = Arc::clone(shared);
                tokio::spawn(async move { cancel(&shared, id).await });
            }
        } else {
            shared.wake.notify_one();
        }
    }
}

fn flow_run_of(event: &ReceivedEvent) -> Option<FlowRunId> {
    event.resource_id().strip_prefix("prefect.flow-run.")?.parse().ok()
}

async fn look(shared: &Arc<Shared>) {
    let mut rounds = interval(shared.options.cancellation_poll_interval);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        look_once(shared).await;
    }
}

async fn look_once(shared: &Arc<Shared>) {
    let filter = json!({
        "flow_runs": { "state": { "type": { "any_": ["CANCELLING"] } } },
        "work_pools": { "name": { "any_": [shared.options.pool] } },
    });
    match shared.client.flow_runs(&filter, MOST).await {
        Ok(cancelled) => {
            for flow_run in cancelled {
                let shared = Arc::clone(shared);
                tokio::spawn(async move { cancel(&shared, flow_run.id).await });
            }
        }
        Err(error) => tracing::warn!(%error, "cannot look for cancelled runs"),
    }
}

async fn cancel(shared: &Shared, id: FlowRunId) {
    if stop(shared, id, StopCause::Cancelled).await {
        return;
    }
    if let Err(error) = cancel_what_nobody_has(shared, id).await {
        tracing::warn!(flow_run = %id, %error, "cannot cancel a run");
    }
}

/// A run that was never started anywhere is cancelled at once; what another worker has is that one's business.
async fn cancel_what_nobody_has(shared: &Shared, id: FlowRunId) -> Result<(), ClientError> {
    let flow_run: FlowRun = match shared.client.flow_run(id).await {
        Ok(flow_run) => flow_run,
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(error),
    };
    let is_nowhere = flow_run.start_time.is_none() && flow_run.infrastructure_pid.is_none();
    if flow_run.state_type != Some(StateType::Cancelling) || !is_nowhere {
        return Ok(());
    }
    let state = SetStateBody::new(StateType::Cancelled)
        .with_message("Flow run cancelled by worker (no infrastructure found).");
    shared.client.set_flow_run_state(id, &state, false).await.map(drop)
}
