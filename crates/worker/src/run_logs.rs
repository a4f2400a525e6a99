//! Lines that the worker adds to the logs of runs.

use std::sync::Arc;

use sluice_client::{Client, NewLog};
use sluice_clock::{Clock, SystemClock};
use sluice_wire::ids::FlowRunId;
use tokio::sync::mpsc;

/// How many lines may wait to be sent; more are left out.
const MOST_WAITING: usize = 2_000;
const MOST_AT_ONCE: usize = 200;
const LOGGER: &str = "prefect.flow_runs.worker";

/// Levels, as Python numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Info = 20,
    Error = 40,
}

/// Sends lines in the background.
#[derive(Clone)]
pub(crate) struct RunLogs {
    queue: mpsc::Sender<NewLog>,
    clock: Arc<SystemClock>,
}

impl RunLogs {
    /// Starts to send; the task ends when all that could send are gone and everything is sent.
    pub(crate) fn start(client: Client) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, mut waiting) = mpsc::channel(MOST_WAITING);
        let sending = tokio::spawn(async move {
            let mut lines = Vec::new();
            while waiting.recv_many(&mut lines, MOST_AT_ONCE).await > 0 {
                if let Err(error) = client.create_logs(&lines).await {
                    tracing::warn!(%error, "cannot add to the logs of runs");
                }
                lines.clear();
            }
        });
        (Self { queue, clock: Arc::new(SystemClock) }, sending)
    }

    /// Adds a line to the logs of a run.
    pub(crate) fn add(&self, flow_run: FlowRunId, level: Level, message: String) {
        let line = NewLog {
            name: LOGGER.to_owned(),
            level: level as i64,
            message,
            timestamp: self.clock.now(),
            flow_run_id: Some(flow_run),
            task_run_id: None,
        };
        // A line that is left out does less harm than a run that waits.
        let _ = self.queue.try_send(line);
    }
}
