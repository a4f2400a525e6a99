//! Work pools: where deployments send their runs and workers take them.

use serde::de::{Error, IntoDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

use crate::base_job_template;
use crate::flow_runs::CreatedBy;
use crate::ids::{
    BlockDocumentId, DeploymentId, FlowId, FlowRunId, StateId, TaskRunId, WorkPoolId, WorkQueueId,
};
use crate::json::{self, RawJson};
use crate::names::Name;
use crate::numbers::NonNegative;
use crate::patch::Patch;
use crate::states::StateType;
use crate::time::{TimeDelta, Timestamp};

/// Whether a pool can run something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkPoolStatus {
    /// A worker is online.
    Ready,
    /// No worker is online.
    NotReady,
    /// Paused by a user.
    Paused,
}

impl WorkPoolStatus {
    /// As it travels and as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::NotReady => "NOT_READY",
            Self::Paused => "PAUSED",
        }
    }

    /// As it stands in the names of events.
    pub const fn in_kebab_case(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not-ready",
            Self::Paused => "paused",
        }
    }
}

/// Where bundles and results of a pool's runs are stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageConfiguration {
    #[serde(default, deserialize_with = "json::optional_object")]
    pub bundle_upload_step: Option<RawJson>,
    #[serde(default, deserialize_with = "json::optional_object")]
    pub bundle_execution_step: Option<RawJson>,
    #[serde(default)]
    pub default_result_storage_block_id: Option<BlockDocumentId>,
}

/// A work pool, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkPool {
    pub id: WorkPoolId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub description: Option<String>,
    /// The infrastructure that its workers start, such as `process`.
    pub r#type: String,
    pub base_job_template: RawJson,
    pub is_paused: bool,
    pub concurrency_limit: Option<i64>,
    pub status: Option<WorkPoolStatus>,
    pub default_queue_id: Option<WorkQueueId>,
    pub storage_configuration: StorageConfiguration,
    /// Runs that are pending or running; null without a concurrency limit.
    pub active_slots: Option<i64>,
}

/// Body of `POST /work_pools/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkPoolCreate {
    #[serde(deserialize_with = "not_only_blanks")]
    pub name: Name,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default = "default_type")]
    pub r#type: String,
    #[serde(default = "RawJson::empty_object", deserialize_with = "base_job_template::checked")]
    pub base_job_template: RawJson,
    #[serde(default)]
    pub is_paused: bool,
    #[serde(default)]
    pub concurrency_limit: Option<NonNegative>,
    #[serde(default)]
    pub storage_configuration: StorageConfiguration,
}

/// Refuses names that consist of blanks and quotation marks alone.
fn not_only_blanks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim_matches(['\'', '"', ' ']).is_empty() {
        return Err(D::Error::custom("[value_error] Value error, name cannot be an empty string"));
    }
    Name::deserialize(text.into_deserializer())
}

fn default_type() -> String {
    "prefect-agent".to_owned()
}

/// Body of `PATCH /work_pools/{name}`: only what was sent changes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkPoolUpdate {
    #[serde(default)]
    pub description: Patch<String>,
    #[serde(default)]
    pub is_paused: Patch<bool>,
    #[serde(default, deserialize_with = "base_job_template::checked_patch")]
    pub base_job_template: Patch<RawJson>,
    #[serde(default)]
    pub concurrency_limit: Patch<NonNegative>,
    #[serde(default)]
    pub storage_configuration: Patch<StorageConfiguration>,
}

impl WorkPoolUpdate {
    /// Whether more is sent than a pause and a concurrency limit, which is all that may change on reserved pools.
    pub fn changes_more_than_limits(&self) -> bool {
        self.description.is_set() || self.base_job_template.is_set() || self.storage_configuration.is_set()
    }
}

/// Body of `POST /work_pools/{name}/get_scheduled_flow_runs`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct GetScheduledFlowRuns {
    #[serde(default)]
    pub work_queue_names: Option<Vec<String>>,
    #[serde(default)]
    pub scheduled_before: Option<Timestamp>,
    #[serde(default)]
    pub scheduled_after: Option<Timestamp>,
    #[serde(default)]
    pub limit: Option<i64>,
}

/// A run that a worker may take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkerFlowRun {
    pub work_pool_id: WorkPoolId,
    pub work_queue_id: WorkQueueId,
    pub flow_run: ScheduledFlowRun,
}

/// A flow run as workers get it: without the names of its pool and queue, which the worker knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScheduledFlowRun {
    pub id: FlowRunId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub flow_id: FlowId,
    pub state_id: Option<StateId>,
    pub deployment_id: Option<DeploymentId>,
    pub deployment_version: Option<String>,
    pub work_queue_id: Option<WorkQueueId>,
    /// Always null.
    pub work_queue_name: Option<String>,
    pub flow_version: Option<String>,
    pub parameters: RawJson,
    pub idempotency_key: Option<String>,
    pub context: RawJson,
    pub empirical_policy: RawJson,
    pub tags: Vec<String>,
    pub labels: RawJson,
    pub parent_task_run_id: Option<TaskRunId>,
    pub state_type: Option<StateType>,
    pub state_name: Option<String>,
    pub run_count: i64,
    pub expected_start_time: Option<Timestamp>,
    pub next_scheduled_start_time: Option<Timestamp>,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub total_run_time: TimeDelta,
    pub estimated_run_time: TimeDelta,
    pub estimated_start_time_delta: TimeDelta,
    pub auto_scheduled: bool,
    pub infrastructure_document_id: Option<BlockDocumentId>,
    pub infrastructure_pid: Option<String>,
    pub created_by: Option<CreatedBy>,
    /// Always null; `state_type` and `state_name` tell of it.
    pub state: Option<RawJson>,
    pub job_variables: Option<RawJson>,
}

/// Body of `POST /work_pools/{name}/concurrency_status`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PoolConcurrencyStatusRequest {
    /// Which page of queues, from 1 on.
    #[serde(default, deserialize_with = "crate::filters::at_least::<1, _>")]
    pub page: Option<i64>,
    /// Queues on a page.
    #[serde(default)]
    pub limit: Option<i64>,
    /// Runs that are listed of each queue, at most 200.
    #[serde(default)]
    pub flow_run_limit: Option<NonNegative>,
}

/// Answer of `POST /work_pools/{name}/concurrency_status`: a page of queues with the runs that hold their slots.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkPoolConcurrencyStatus {
    /// Slots taken in the whole pool.
    pub active_slots: i64,
    pub concurrency_limit: Option<i64>,
    pub queues: Vec<QueueSlots>,
    /// Queues of the pool.
    pub count: i64,
    pub limit: i64,
    pub pages: i64,
    pub page: i64,
}

/// The slots of one queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueSlots {
    pub queue_id: WorkQueueId,
    pub queue_name: String,
    pub active_slots: i64,
    pub concurrency_limit: Option<i64>,
    /// Some of the runs that hold slots, by id.
    pub flow_runs: Vec<SlotHolder>,
    pub flow_run_count: i64,
}

/// A run that holds a slot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SlotHolder {
    pub id: FlowRunId,
    pub name: String,
    pub state_type: Option<StateType>,
    pub state_name: Option<String>,
    pub start_time: Option<Timestamp>,
    pub state_timestamp: Option<Timestamp>,
    pub time_in_current_state: Option<TimeDelta>,
}
