//! `/task_runs`

use serde::Serialize;
use sluice_wire::ids::TaskRunId;
use sluice_wire::task_runs::TaskRun;

use super::all_pages;
use crate::{Client, ClientError};

impl Client {
    /// The task run with this id.
    pub async fn task_run(&self, id: TaskRunId) -> Result<TaskRun, ClientError> {
        self.get(&format!("/task_runs/{id}")).await
    }

    /// The task runs that match the body of `POST /task_runs/filter` (without its page), `most` at the most.
    pub async fn task_runs(&self, body: &impl Serialize, most: usize) -> Result<Vec<TaskRun>, ClientError> {
        all_pages!(self, "/task_runs/filter", body, most)
    }
}
