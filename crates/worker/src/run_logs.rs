//! Lines that the worker adds to the logs of runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sluice_client::{Client, NewLog};
use sluice_clock::{Clock, SystemClock};
use sluice_wire::ids::FlowRunId;
use tokio::sync::mpsc;

/// How many lines may wait to be sent; more are left out, and the logs say so.
const MOST_WAITING: usize = 2_000;
const MOST_AT_ONCE: usize = 200;
const LOGGER: &str = "prefect.flow_runs.worker";

/// Levels, as Python numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Info = 20,
    Warning = 30,
    Error = 40,
}

/// Sends lines in the background.
#[derive(Clone)]
pub(crate) struct RunLogs {
    queue: mpsc::Sender<NewLog>,
    left_out: LeftOut,
    clock: Arc<SystemClock>,
}

/// How many lines of a run were left out since its logs last said so.
type LeftOut = Arc<Mutex<HashMap<FlowRunId, u64>>>;

impl RunLogs {
    /// Starts to send; the task ends when all that could send are gone and everything is sent.
    pub(crate) fn start(client: Client) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, mut waiting) = mpsc::channel(MOST_WAITING);
        let logs = Self { queue, left_out: LeftOut::default(), clock: Arc::new(SystemClock) };
        let (left_out, clock) = (Arc::clone(&logs.left_out), Arc::clone(&logs.clock));
        let sending = tokio::spawn(async move {
            let mut lines = Vec::new();
            loop {
                let came = waiting.recv_many(&mut lines, MOST_AT_ONCE).await;
                lines.extend(own_up(&left_out, &clock));
                if !lines.is_empty()
                    && let Err(error) = client.create_logs(&lines).await
                {
                    tracing::warn!(%error, lines = lines.len(), "cannot add to the logs of runs");
                }
                lines.clear();
                if came == 0 {
                    return;
                }
            }
        });
        (logs, sending)
    }

    /// Adds a line to the logs of a run.
    pub(crate) fn add(&self, flow_run: FlowRunId, level: Level, message: String) {
        let line = line(&self.clock, flow_run, level, message);
        // A line that is left out does less harm than a run that waits.
        if self.queue.try_send(line).is_err() {
            *lock(&self.left_out).entry(flow_run).or_default() += 1;
        }
    }
}

/// Says to the log of the worker, and to those of the runs, what was left out.
fn own_up(left_out: &LeftOut, clock: &SystemClock) -> Vec<NewLog> {
    let left_out = std::mem::take(&mut *lock(left_out));
    let lines = left_out.into_iter().map(|(flow_run, lines)| {
        tracing::warn!(%flow_run, lines, "too many lines of the worker waited to be sent; some were left out");
        let message = format!("{lines} lines of the worker were left out here: too many waited to be sent.");
        line(clock, flow_run, Level::Warning, message)
    });
    lines.collect()
}

fn line(clock: &SystemClock, flow_run: FlowRunId, level: Level, message: String) -> NewLog {
    NewLog {
        name: LOGGER.to_owned(),
        level: level as i64,
        message,
        timestamp: clock.now(),
        flow_run_id: Some(flow_run),
        task_run_id: None,
    }
}

fn lock(left_out: &LeftOut) -> std::sync::MutexGuard<'_, HashMap<FlowRunId, u64>> {
    left_out.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sluice_client::{Client, Target};
    use sluice_test_support::TestServer;
    use sluice_wire::ids::FlowRunId;

    use super::{Level, MOST_WAITING, RunLogs};

    #[tokio::test]
    async fn lines_that_are_left_out_are_counted() {
        let server = TestServer::start().await;
        let client = Client::new(Target::at(&server.url("")).unwrap()).unwrap();
        let (logs, sending) = RunLogs::start(client.clone());
        let run: FlowRunId = "11111111-1111-4111-8111-111111111111".parse().unwrap();
        // Nothing is sent before this test waits for something.
        for number in 0..MOST_WAITING + 3 {
            logs.add(run, Level::Info, format!("line {number}"));
        }
        drop(logs);
        sending.await.unwrap();

        let filter =
            json!({ "logs": { "level": { "ge_": Level::Warning as i64 } }, "sort": "TIMESTAMP_ASC" });
        let found: Vec<Value> = client.post("/logs/filter", &filter).await.unwrap();
        let messages: Vec<_> = found.iter().map(|log| log["message"].as_str().unwrap()).collect();
        assert_eq!(messages, ["3 lines of the worker were left out here: too many waited to be sent."]);
        assert_eq!(found[0]["flow_run_id"], json!(run));
    }
}
