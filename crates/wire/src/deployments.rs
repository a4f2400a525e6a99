//! Deployments: what runs a flow, with which parameters, where and when.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

use crate::ids::{
    BlockDocumentId, ConcurrencyLimitId, DeploymentId, FlowId, FlowRunId, ScheduleId, TaskRunId, WorkPoolId,
    WorkQueueId,
};
use crate::json::{self, RawJson};
use crate::labels::KeyValueLabels;
use crate::patch::Patch;
use crate::run_policies::FlowRunPolicy;
use crate::schedules::Schedule;
use crate::states::StateCreate;
use crate::time::Timestamp;

/// A JSON object that somebody looks into.
pub type JsonObject = Map<String, Value>;

/// The most runs that a schedule may ask for in advance.
pub const MOST_SCHEDULED_RUNS: i64 = 100;

/// A deployment, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    pub id: DeploymentId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub version: Option<String>,
    pub description: Option<String>,
    pub flow_id: FlowId,
    pub paused: bool,
    pub schedules: Vec<DeploymentSchedule>,
    /// Always null: `global_concurrency_limit` says it.
    pub concurrency_limit: Option<i64>,
    pub global_concurrency_limit: Option<DeploymentConcurrencyLimit>,
    pub concurrency_options: Option<ConcurrencyOptions>,
    pub job_variables: RawJson,
    pub parameters: RawJson,
    pub tags: Vec<String>,
    pub labels: RawJson,
    pub work_queue_name: Option<String>,
    pub work_queue_id: Option<WorkQueueId>,
    pub last_polled: Option<Timestamp>,
    pub parameter_openapi_schema: Option<RawJson>,
    pub path: Option<String>,
    pub pull_steps: Option<RawJson>,
    pub entrypoint: Option<String>,
    pub storage_document_id: Option<BlockDocumentId>,
    pub infrastructure_document_id: Option<BlockDocumentId>,
    pub created_by: Option<RawJson>,
    pub updated_by: Option<RawJson>,
    pub work_pool_name: Option<String>,
    pub status: DeploymentStatus,
    pub enforce_parameter_schema: bool,
}

/// Whether somebody polls for the runs of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeploymentStatus {
    /// Polled within the last minute.
    Ready,
    /// Not polled, or not for a while.
    NotReady,
}

impl DeploymentStatus {
    /// As it travels and as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::NotReady => "NOT_READY",
        }
    }

    /// As it stands in the name of an event.
    pub const fn in_event_name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not-ready",
        }
    }
}

/// The limit behind a deployment, as it is read with the deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeploymentConcurrencyLimit {
    pub id: ConcurrencyLimitId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub active: bool,
    pub name: String,
    pub limit: i64,
    pub active_slots: i64,
    pub slot_decay_per_second: f64,
}

/// What happens to a run that finds every slot of its deployment taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConcurrencyOptions {
    pub collision_strategy: CollisionStrategy,
    /// How long infrastructure may take to start before it loses its slot, in seconds: 60 to 86,400.
    #[serde(default, deserialize_with = "grace_period")]
    pub grace_period_seconds: Option<i64>,
}

/// See [`ConcurrencyOptions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CollisionStrategy {
    /// The run waits.
    Enqueue,
    /// The run is cancelled.
    CancelNew,
}

/// A schedule of a deployment, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeploymentSchedule {
    pub id: ScheduleId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub deployment_id: Option<DeploymentId>,
    pub schedule: Schedule,
    pub active: bool,
    pub max_scheduled_runs: Option<i64>,
    pub parameters: RawJson,
    pub slug: Option<String>,
}

/// A schedule to be created.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentScheduleCreate {
    #[serde(default = "yes")]
    pub active: bool,
    pub schedule: Schedule,
    #[serde(default, deserialize_with = "scheduled_runs")]
    pub max_scheduled_runs: Option<i64>,
    #[serde(default)]
    pub parameters: JsonObject,
    #[serde(default)]
    pub slug: Option<String>,
    /// The slug of the schedule that takes this one's slug; only looked at by `PATCH /deployments/{id}`.
    #[serde(default)]
    pub replaces: Option<String>,
}

/// A change of a schedule. A field that is null stays as it is, as one that is absent does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentScheduleUpdate {
    #[serde(default)]
    pub active: Option<bool>,
    #[serde(default)]
    pub schedule: Option<Schedule>,
    #[serde(default, deserialize_with = "scheduled_runs")]
    pub max_scheduled_runs: Option<i64>,
    #[serde(default)]
    pub parameters: JsonObject,
    #[serde(default)]
    pub slug: Option<String>,
    /// The slug of the existing schedule that this one replaces.
    #[serde(default)]
    pub replaces: Option<String>,
}

/// Body of `POST /deployments/`. What is absent stays as it is when the deployment exists.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentCreate {
    #[serde(deserialize_with = "deployment_name")]
    pub name: String,
    pub flow_id: FlowId,
    #[serde(default, deserialize_with = "present")]
    pub paused: Option<bool>,
    #[serde(default)]
    pub schedules: Vec<DeploymentScheduleCreate>,
    #[serde(default, deserialize_with = "positive")]
    pub concurrency_limit: Patch<i64>,
    #[serde(default)]
    pub concurrency_options: Patch<ConcurrencyOptions>,
    #[serde(default)]
    pub global_concurrency_limit_id: Patch<ConcurrencyLimitId>,
    #[serde(default, deserialize_with = "present")]
    pub enforce_parameter_schema: Option<bool>,
    #[serde(default)]
    pub parameter_openapi_schema: Patch<JsonObject>,
    #[serde(default)]
    pub parameters: JsonObject,
    #[serde(default, deserialize_with = "present")]
    pub tags: Option<Vec<String>>,
    #[serde(default)]
    pub labels: KeyValueLabels,
    #[serde(default, deserialize_with = "steps")]
    pub pull_steps: Patch<RawJson>,
    #[serde(default)]
    pub work_queue_name: Patch<String>,
    #[serde(default)]
    pub work_pool_name: Option<String>,
    #[serde(default)]
    pub storage_document_id: Patch<BlockDocumentId>,
    #[serde(default)]
    pub infrastructure_document_id: Patch<BlockDocumentId>,
    #[serde(default)]
    pub description: Patch<String>,
    #[serde(default)]
    pub path: Patch<String>,
    #[serde(default)]
    pub version: Patch<String>,
    #[serde(default)]
    pub entrypoint: Patch<String>,
    #[serde(default, deserialize_with = "present")]
    pub job_variables: Option<JsonObject>,
    #[serde(default)]
    pub version_info: Option<VersionInfo>,
    // Fields of old clients, accepted and ignored.
    #[serde(default)]
    pub worker_pool_queue_id: de::IgnoredAny,
    #[serde(default)]
    pub worker_pool_name: de::IgnoredAny,
    #[serde(default)]
    pub worker_pool_queue_name: de::IgnoredAny,
    #[serde(default)]
    pub work_pool_queue_name: de::IgnoredAny,
}

/// Body of `PATCH /deployments/{id}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentUpdate {
    #[serde(default)]
    pub version: Patch<String>,
    #[serde(default)]
    pub description: Patch<String>,
    #[serde(default, deserialize_with = "present")]
    pub paused: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    pub schedules: Option<Vec<DeploymentScheduleUpdate>>,
    #[serde(default, deserialize_with = "positive")]
    pub concurrency_limit: Patch<i64>,
    #[serde(default)]
    pub concurrency_options: Patch<ConcurrencyOptions>,
    #[serde(default)]
    pub global_concurrency_limit_id: Patch<ConcurrencyLimitId>,
    #[serde(default)]
    pub parameters: Option<JsonObject>,
    #[serde(default)]
    pub parameter_openapi_schema: Patch<JsonObject>,
    #[serde(default, deserialize_with = "present")]
    pub tags: Option<Vec<String>>,
    #[serde(default)]
    pub work_queue_name: Patch<String>,
    #[serde(default)]
    pub work_pool_name: Patch<String>,
    #[serde(default)]
    pub path: Patch<String>,
    #[serde(default)]
    pub job_variables: Option<JsonObject>,
    #[serde(default, deserialize_with = "steps")]
    pub pull_steps: Patch<RawJson>,
    #[serde(default)]
    pub entrypoint: Patch<String>,
    #[serde(default)]
    pub storage_document_id: Patch<BlockDocumentId>,
    #[serde(default)]
    pub infrastructure_document_id: Patch<BlockDocumentId>,
    #[serde(default)]
    pub enforce_parameter_schema: Patch<bool>,
    #[serde(default)]
    pub version_info: Option<VersionInfo>,
    // Fields of old clients, accepted and ignored.
    #[serde(default)]
    pub worker_pool_queue_id: de::IgnoredAny,
    #[serde(default)]
    pub worker_pool_name: de::IgnoredAny,
    #[serde(default)]
    pub worker_pool_queue_name: de::IgnoredAny,
    #[serde(default)]
    pub work_pool_queue_name: de::IgnoredAny,
}

/// A description of a version; read and checked, but not stored.
#[derive(Debug, Clone, Deserialize)]
pub struct VersionInfo {
    pub r#type: String,
    pub version: String,
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// Body of `POST /deployments/{id}/create_flow_run`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentFlowRunCreate {
    #[serde(default)]
    pub state: Option<StateCreate>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub parameters: JsonObject,
    #[serde(default)]
    pub enforce_parameter_schema: Option<bool>,
    #[serde(default)]
    pub context: JsonObject,
    #[serde(default)]
    pub infrastructure_document_id: Option<BlockDocumentId>,
    #[serde(default)]
    pub empirical_policy: FlowRunPolicy,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub idempotency_key: Option<String>,
    #[serde(default)]
    pub labels: KeyValueLabels,
    #[serde(default)]
    pub parent_task_run_id: Option<TaskRunId>,
    #[serde(default)]
    pub work_queue_name: Option<String>,
    /// Empty when absent; null stays null.
    #[serde(default = "no_job_variables")]
    pub job_variables: Option<JsonObject>,
}

fn no_job_variables() -> Option<JsonObject> {
    Some(JsonObject::new())
}

/// A queue of `GET /deployments/{id}/work_queue_check`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckedWorkQueue {
    pub id: WorkQueueId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub description: Option<String>,
    pub is_paused: bool,
    pub concurrency_limit: Option<i64>,
    pub priority: i64,
    pub work_pool_id: Option<WorkPoolId>,
    pub filter: Option<QueueFilter>,
    pub last_polled: Option<Timestamp>,
}

/// The deprecated filter that queues of old agents have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueFilter {
    /// Only deployments with all of these tags.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// Only these deployments.
    #[serde(default)]
    pub deployment_ids: Option<Vec<DeploymentId>>,
}

/// Answer of `POST /deployments/bulk_delete`.
#[derive(Debug, Clone, Serialize)]
pub struct DeploymentBulkDeleted {
    pub deleted: Vec<DeploymentId>,
}

/// Answer of `POST /deployments/{id}/create_flow_run/bulk`: one result a run, in the order of the request.
#[derive(Debug, Clone, Serialize)]
pub struct FlowRunsCreated {
    pub results: Vec<FlowRunCreateResult>,
}

/// What became of one run of a bulk creation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowRunCreateResult {
    pub flow_run_id: Option<FlowRunId>,
    pub status: FlowRunCreateStatus,
    pub error: Option<String>,
}

/// See [`FlowRunCreateResult`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlowRunCreateStatus {
    Created,
    Failed,
}

/// The schema of a flow that takes no parameters: what an empty schema means.
pub fn empty_parameter_schema() -> JsonObject {
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), Value::Object(JsonObject::new()));
    schema
}

fn yes() -> bool {
    true
}

fn steps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch<RawJson>, D::Error> {
    Ok(json::optional_list_of_objects(deserializer)?.map_or(Patch::Null, Patch::Value))
}

/// A field that may be absent but not null.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch<i64>, D::Error> {
    match Option::<i64>::deserialize(deserializer)? {
        None => Ok(Patch::Null),
        Some(number) if number > 0 => Ok(Patch::Value(number)),
        Some(_) => Err(de::Error::custom("[greater_than] Input should be greater than 0")),
    }
}

fn grace_period<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Option::<i64>::deserialize(deserializer)? {
        Some(seconds) if seconds < 60 => {
            Err(de::Error::custom("[greater_than_equal] Input should be greater than or equal to 60"))
        }
        Some(seconds) if seconds > 86_400 => {
            Err(de::Error::custom("[less_than_equal] Input should be less than or equal to 86400"))
        }
        seconds => Ok(seconds),
    }
}

fn scheduled_runs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Option::<i64>::deserialize(deserializer)? {
        Some(runs) if runs <= 0 => Err(de::Error::custom("[greater_than] Input should be greater than 0")),
        Some(runs) if runs > MOST_SCHEDULED_RUNS => Err(de::Error::custom(format!(
            "`max_scheduled_runs` must be less than or equal to {MOST_SCHEDULED_RUNS}."
        ))),
        runs => Ok(runs),
    }
}

/// A name that may be empty, but has none of the characters that URLs cannot carry.
fn deployment_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if name.contains(['/', '%', '&', '>', '<']) {
        return Err(de::Error::custom("[string_pattern_mismatch] String should match pattern '^[^/%&><]*$'"));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{DeploymentCreate, DeploymentScheduleCreate, DeploymentUpdate};
    use crate::patch::Patch;

    #[test]
    fn what_a_client_may_not_send_is_refused() {
        let flow_id = "1e7f0f1e-4e5b-4d4f-9a51-0d1f3a0b8f7e";
        let cases = [
            (json!({"name": "a/b", "flow_id": flow_id}), "string_pattern_mismatch"),
            (json!({"name": "a", "flow_id": flow_id, "concurrency_limit": 0}), "greater_than"),
            (json!({"name": "a", "flow_id": flow_id, "color": 1}), "unknown field"),
            (json!({"name": "a", "flow_id": flow_id, "paused": null}), "invalid type"),
            (json!({"name": "a", "flow_id": flow_id, "labels": {"a": []}}), "string_type"),
            (
                json!({"name": "a", "flow_id": flow_id, "concurrency_options":
                    {"collision_strategy": "ENQUEUE", "grace_period_seconds": 59}}),
                "greater_than_equal",
            ),
        ];
        for (body, expected) in cases {
            let error = serde_json::from_value::<DeploymentCreate>(body.clone()).expect_err("refused");
            assert!(error.to_string().contains(expected), "{body}: {error}");
        }
    }

    #[test]
    fn absent_and_null_are_told_apart() {
        let update: DeploymentUpdate =
            serde_json::from_value(json!({"work_pool_name": null, "worker_pool_name": "old"}))
                .expect("valid");
        assert_eq!((update.work_pool_name, update.work_queue_name), (Patch::Null, Patch::Absent));
        assert!(update.schedules.is_none());
    }

    #[test]
    fn a_schedule_asks_for_a_hundred_runs_at_most() {
        for (runs, is_valid) in [(1, true), (100, true), (101, false), (0, false)] {
            let body = json!({"schedule": {"interval": 60}, "max_scheduled_runs": runs});
            assert_eq!(serde_json::from_value::<DeploymentScheduleCreate>(body).is_ok(), is_valid, "{runs}");
        }
    }
}
