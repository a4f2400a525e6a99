//! Log lines of runs.

use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::{FlowRunId, LogId, TaskRunId};
use crate::time::Timestamp;

/// An element of the body of `POST /logs/`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogCreate {
    /// The name of the logger.
    #[serde(deserialize_with = "without_nul")]
    pub name: String,
    /// As Python numbers them: 20 is INFO.
    pub level: i64,
    /// What was logged.
    #[serde(deserialize_with = "without_nul")]
    pub message: String,
    /// When it was logged, by the client's clock.
    pub timestamp: Timestamp,
    /// The flow run that logged it.
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    /// The task run that logged it.
    #[serde(default)]
    pub task_run_id: Option<TaskRunId>,
}

/// A log line as it is read. In a live stream `created` and `updated` are null, as in the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "see LogCreate")]
pub struct Log {
    pub id: LogId,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    pub name: String,
    pub level: i64,
    pub message: String,
    pub timestamp: Timestamp,
    pub flow_run_id: Option<FlowRunId>,
    pub task_run_id: Option<TaskRunId>,
}

impl LogCreate {
    /// The line under a new id, as a live stream shows it.
    pub fn into_log(self) -> Log {
        Log {
            id: LogId::sequential(),
            created: None,
            updated: None,
            name: self.name,
            level: self.level,
            message: self.message,
            timestamp: self.timestamp,
            flow_run_id: self.flow_run_id,
            task_run_id: self.task_run_id,
        }
    }
}

/// PostgreSQL stores no NUL, and nobody misses it.
fn without_nul<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let mut text = String::deserialize(deserializer)?;
    if text.contains('\0') {
        text.retain(|character| character != '\0');
    }
    Ok(text)
}
