//! `/work_queues`: queues by their ids, whatever pool they are of.

use serde::Serialize;
use serde_json::{Value, json};
use sluice_wire::ids::WorkQueueId;
use sluice_wire::json::RawJson;
use sluice_wire::work_queues::WorkQueue;

use super::all_pages;
use crate::{Client, ClientError};

impl Client {
    /// The queue with this id.
    pub async fn work_queue(&self, id: WorkQueueId) -> Result<WorkQueue, ClientError> {
        self.get(&format!("/work_queues/{id}")).await
    }

    /// The queues that match the body of `POST /work_queues/filter` (without its page), `most` at the most.
    pub async fn work_queues(
        &self,
        body: &impl Serialize,
        most: usize,
    ) -> Result<Vec<WorkQueue>, ClientError> {
        all_pages!(self, "/work_queues/filter", body, most)
    }

    /// Changes the fields that `body` has.
    pub async fn update_work_queue(&self, id: WorkQueueId, body: &impl Serialize) -> Result<(), ClientError> {
        self.patch(&format!("/work_queues/{id}"), body).await
    }

    /// Deletes a queue.
    pub async fn delete_work_queue(&self, id: WorkQueueId) -> Result<(), ClientError> {
        self.delete(&format!("/work_queues/{id}")).await
    }

    /// The runs that hold the slots of a queue: the answer of `POST /work_queues/{id}/concurrency_status` with the runs of
    /// all its pages.
    pub async fn work_queue_slots(&self, id: WorkQueueId) -> Result<Value, ClientError> {
        self.all_in_one(&format!("/work_queues/{id}/concurrency_status"), &json!({}), "flow_runs").await
    }

    /// Late runs, last poll and whether the queue is healthy.
    pub async fn work_queue_status(&self, id: WorkQueueId) -> Result<RawJson, ClientError> {
        self.get(&format!("/work_queues/{id}/status")).await
    }
}
