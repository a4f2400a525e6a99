//! The log lines that have not been shown yet.

use std::collections::HashSet;

use serde_json::json;
use sluice_wire::ids::{FlowRunId, LogId};
use sluice_wire::logs::Log;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::exit::Failure;
use crate::session::Session;

/// A line may come so much later than one that was logged after it.
const OVERLAP: TimeDelta = TimeDelta::from_secs(10);
/// How the engine of the SDK says that it has ended.
const LAST_WORDS: &str = "Finished in state";

/// What has been shown of the log of a run.
pub(super) struct NewLogs {
    run: FlowRunId,
    newest: Option<Timestamp>,
    shown: HashSet<LogId>,
    saw_the_end: bool,
}

impl NewLogs {
    pub(super) fn of(run: FlowRunId) -> Self {
        Self { run, newest: None, shown: HashSet::new(), saw_the_end: false }
    }

    /// Asks for the lines that came since the last time.
    pub(super) async fn read(&mut self, session: &Session) -> Result<Vec<Log>, Failure> {
        let mut filter = json!({ "flow_run_id": { "any_": [self.run] } });
        if let Some(newest) = self.newest {
            filter["timestamp"] = json!({ "after_": newest - OVERLAP });
        }
        let body = json!({ "logs": filter, "sort": "TIMESTAMP_ASC" });
        // All of them: where only so many were asked for, more than that within the overlap would hide the rest.
        let mut lines = session.client.logs(&body, usize::MAX).await?;
        lines.retain(|log| self.shown.insert(log.id));
        self.newest = lines.iter().map(|log| log.timestamp).max().max(self.newest);
        let is_last = |log: &Log| log.task_run_id.is_none() && log.message.starts_with(LAST_WORDS);
        self.saw_the_end |= lines.iter().any(is_last);
        Ok(lines)
    }

    /// Whether the run has said its last word.
    pub(super) fn saw_the_end(&self) -> bool {
        self.saw_the_end
    }
}
