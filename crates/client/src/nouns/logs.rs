//! `/logs`

use serde::Serialize;
use sluice_wire::ids::{FlowRunId, TaskRunId};
use sluice_wire::logs::Log;
use sluice_wire::time::Timestamp;

use super::all_pages;
use crate::{Client, ClientError};

/// A log line to be stored.
#[derive(Debug, Clone, Serialize)]
pub struct NewLog {
    /// The name of the logger.
    pub name: String,
    /// As Python numbers them: 20 is INFO.
    pub level: i64,
    /// What was logged.
    pub message: String,
    /// When.
    pub timestamp: Timestamp,
    /// The flow run that it is about.
    pub flow_run_id: Option<FlowRunId>,
    /// The task run that it is about.
    pub task_run_id: Option<TaskRunId>,
}

impl Client {
    /// The log lines that match the body of `POST /logs/filter` (without its page), `most` at the most.
    pub async fn logs(&self, body: &impl Serialize, most: usize) -> Result<Vec<Log>, ClientError> {
        all_pages!(self, "/logs/filter", body, most)
    }

    /// Stores log lines.
    pub async fn create_logs(&self, logs: &[NewLog]) -> Result<(), ClientError> {
        self.post_only("/logs/", &logs).await
    }
}
