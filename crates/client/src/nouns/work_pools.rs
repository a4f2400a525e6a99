//! `/work_pools`, with their queues and workers.

use serde::Serialize;
use serde_json::{Value, json};
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::{WorkPool, WorkerFlowRun};
use sluice_wire::work_queues::WorkQueue;
use sluice_wire::workers::Worker;

use super::{all_pages, segment};
use crate::{Client, ClientError};

/// Body of `POST /work_pools/{pool}/workers/heartbeat`.
#[derive(Debug, Clone, Serialize)]
pub struct WorkerHeartbeatBody {
    /// The name of the worker.
    pub name: String,
    /// How often it says that it lives.
    pub heartbeat_interval_seconds: u64,
}

impl Client {
    /// The pool with this name, if there is one.
    pub async fn work_pool(&self, name: &str) -> Result<Option<WorkPool>, ClientError> {
        self.find(&format!("/work_pools/{}", segment(name))).await
    }

    /// The pools that match the body of `POST /work_pools/filter` (without its page), `most` at the most.
    pub async fn work_pools(&self, body: &impl Serialize, most: usize) -> Result<Vec<WorkPool>, ClientError> {
        all_pages!(self, "/work_pools/filter", body, most)
    }

    /// Creates a pool.
    pub async fn create_work_pool(&self, body: &impl Serialize) -> Result<WorkPool, ClientError> {
        self.post("/work_pools/", body).await
    }

    /// Changes the fields that `body` has.
    pub async fn update_work_pool(&self, name: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.patch(&format!("/work_pools/{}", segment(name)), body).await
    }

    /// Deletes a pool with its queues and workers.
    pub async fn delete_work_pool(&self, name: &str) -> Result<(), ClientError> {
        self.delete(&format!("/work_pools/{}", segment(name))).await
    }

    /// The runs of a pool that are due until `scheduled_before`, the most urgent first. No `queues` means all of them.
    pub async fn scheduled_runs(
        &self,
        pool: &str,
        queues: &[String],
        scheduled_before: Timestamp,
        limit: Option<usize>,
    ) -> Result<Vec<WorkerFlowRun>, ClientError> {
        let mut body = json!({ "work_queue_names": queues, "scheduled_before": scheduled_before });
        if let Some(limit) = limit {
            body["limit"] = limit.into();
        }
        self.post(&format!("/work_pools/{}/get_scheduled_flow_runs", segment(pool)), &body).await
    }

    /// The runs that hold the slots of a pool, by queue: the answer of `POST /work_pools/{name}/concurrency_status` with
    /// the queues of all its pages.
    pub async fn work_pool_slots(&self, name: &str) -> Result<Value, ClientError> {
        let path = format!("/work_pools/{}/concurrency_status", segment(name));
        self.all_in_one(&path, &json!({ "flow_run_limit": 200 }), "queues").await
    }

    /// The queues of a pool.
    pub async fn pool_queues(&self, pool: &str, most: usize) -> Result<Vec<WorkQueue>, ClientError> {
        let path = format!("/work_pools/{}/queues/filter", segment(pool));
        all_pages!(self, &path, &json!({}), most)
    }

    /// The queue of a pool with this name, if there is one.
    pub async fn pool_queue(&self, pool: &str, queue: &str) -> Result<Option<WorkQueue>, ClientError> {
        self.find(&format!("/work_pools/{}/queues/{}", segment(pool), segment(queue))).await
    }

    /// Adds a queue to a pool.
    pub async fn create_pool_queue(
        &self,
        pool: &str,
        body: &impl Serialize,
    ) -> Result<WorkQueue, ClientError> {
        self.post(&format!("/work_pools/{}/queues", segment(pool)), body).await
    }

    /// Changes the fields of a queue that `body` has.
    pub async fn update_pool_queue(
        &self,
        pool: &str,
        queue: &str,
        body: &impl Serialize,
    ) -> Result<(), ClientError> {
        self.patch(&format!("/work_pools/{}/queues/{}", segment(pool), segment(queue)), body).await
    }

    /// Deletes a queue of a pool.
    pub async fn delete_pool_queue(&self, pool: &str, queue: &str) -> Result<(), ClientError> {
        self.delete(&format!("/work_pools/{}/queues/{}", segment(pool), segment(queue))).await
    }

    /// Says that a worker lives; makes it known to the pool at the first time.
    pub async fn worker_heartbeat(&self, pool: &str, body: &WorkerHeartbeatBody) -> Result<(), ClientError> {
        self.post_only(&format!("/work_pools/{}/workers/heartbeat", segment(pool)), body).await
    }

    /// The workers of a pool.
    pub async fn workers(&self, pool: &str, most: usize) -> Result<Vec<Worker>, ClientError> {
        let path = format!("/work_pools/{}/workers/filter", segment(pool));
        all_pages!(self, &path, &json!({}), most)
    }

    /// Forgets a worker.
    pub async fn delete_worker(&self, pool: &str, worker: &str) -> Result<(), ClientError> {
        self.delete(&format!("/work_pools/{}/workers/{}", segment(pool), segment(worker))).await
    }

    /// What is known of each type of pool: `{collection: {type: {default_base_job_configuration, ...}}}`.
    pub async fn worker_metadata(&self) -> Result<Value, ClientError> {
        self.get("/collections/views/aggregate-worker-metadata").await
    }

    /// The base job template that pools of this type start with, if the server knows the type.
    pub async fn default_job_template(&self, pool_type: &str) -> Result<Option<RawJson>, ClientError> {
        let metadata = self.worker_metadata().await?;
        let collections = metadata.as_object().into_iter().flat_map(|collections| collections.values());
        let template = collections
            .filter_map(|workers| workers.get(pool_type)?.get("default_base_job_configuration"))
            .next();
        template.map(RawJson::from_value).transpose().map_err(|error| ClientError::Nonsense {
            request: "GET /collections/views/aggregate-worker-metadata".to_owned(),
            cause: error.to_string(),
        })
    }
}
