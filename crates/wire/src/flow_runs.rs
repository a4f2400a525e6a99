//! Flow runs: what is read, created, changed and asked about.

use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::ids::{
    BlockDocumentId, DeploymentId, FlowId, FlowRunId, StateId, TaskRunId, WorkPoolId, WorkQueueId,
};
use crate::json::{self, RawJson};
use crate::labels::KeyValueLabels;
use crate::orchestration_results::{OrchestrationResult, SetStateStatus, StateResponseDetails};
use crate::patch::Patch;
use crate::run_policies::FlowRunPolicy;
use crate::states::{State, StateCreate, StateType};
use crate::time::{TimeDelta, Timestamp};

/// A flow run, as it is read (`FlowRunResponse` of the protocol).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowRun {
    pub id: FlowRunId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub flow_id: FlowId,
    pub state_id: Option<StateId>,
    pub deployment_id: Option<DeploymentId>,
    pub deployment_version: Option<String>,
    pub work_queue_id: Option<WorkQueueId>,
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
    /// Time spent RUNNING, without the current stretch.
    pub total_run_time: TimeDelta,
    /// As `total_run_time`, with the current stretch up to the moment of reading.
    pub estimated_run_time: TimeDelta,
    /// How late the run started, or is by now; zero when it is not late.
    pub estimated_start_time_delta: TimeDelta,
    pub auto_scheduled: bool,
    pub infrastructure_document_id: Option<BlockDocumentId>,
    pub infrastructure_pid: Option<String>,
    pub created_by: Option<CreatedBy>,
    pub work_pool_id: Option<WorkPoolId>,
    pub work_pool_name: Option<String>,
    /// The current state, as it was written.
    pub state: Option<RawJson>,
    pub job_variables: Option<RawJson>,
}

/// Who created a run or deployment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CreatedBy {
    /// The creator's id.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// `AUTOMATION`, `DEPLOYMENT`, `SCHEDULE` or a kind of a future server.
    #[serde(default)]
    pub r#type: Option<String>,
    /// For people.
    #[serde(default)]
    pub display_value: Option<String>,
}

/// Body of `POST /flow_runs/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowRunCreate {
    #[serde(default)]
    pub state: Option<StateCreate>,
    /// A random name when absent, null or empty.
    #[serde(default)]
    pub name: Option<String>,
    pub flow_id: FlowId,
    #[serde(default)]
    pub flow_version: Option<String>,
    #[serde(default = "RawJson::empty_object", deserialize_with = "json::object")]
    pub parameters: RawJson,
    #[serde(default = "RawJson::empty_object", deserialize_with = "json::object")]
    pub context: RawJson,
    #[serde(default)]
    pub parent_task_run_id: Option<TaskRunId>,
    #[serde(default)]
    pub infrastructure_document_id: Option<BlockDocumentId>,
    #[serde(default)]
    pub empirical_policy: FlowRunPolicy,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub labels: KeyValueLabels,
    #[serde(default)]
    pub idempotency_key: Option<String>,
    #[serde(default)]
    pub work_pool_name: Option<String>,
    #[serde(default)]
    pub work_queue_name: Option<String>,
    #[serde(default, deserialize_with = "json::optional_object")]
    pub job_variables: Option<RawJson>,
    /// Deprecated by the reference, which still accepts it.
    #[serde(default)]
    pub deployment_id: Option<DeploymentId>,
}

/// Body of `PATCH /flow_runs/{id}`: only what was sent changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowRunUpdate {
    /// A random name when null or empty.
    #[serde(default)]
    pub name: Patch<String>,
    #[serde(default)]
    pub flow_version: Patch<String>,
    #[serde(default, deserialize_with = "json::some_object")]
    pub parameters: Option<RawJson>,
    #[serde(default)]
    pub empirical_policy: Option<FlowRunPolicy>,
    #[serde(default, deserialize_with = "present")]
    pub tags: Option<Vec<String>>,
    #[serde(default)]
    pub infrastructure_pid: Patch<String>,
    #[serde(default, deserialize_with = "patched_object")]
    pub job_variables: Patch<RawJson>,
}

/// Tags may be left out, but not be null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    Vec::deserialize(deserializer).map(Some)
}

fn patched_object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch<RawJson>, D::Error> {
    Ok(json::optional_object(deserializer)?.map_or(Patch::Null, Patch::Value))
}

/// Body of `POST /flow_runs/{id}/set_state` and `POST /task_runs/{id}/set_state`.
#[derive(Debug, Clone, Deserialize)]
pub struct SetState {
    /// The proposed state.
    pub state: StateCreate,
    /// Whether only few rules apply.
    #[serde(default)]
    pub force: bool,
}

/// One entry of the answer of `POST /flow_runs/bulk_set_state`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowRunOrchestrationResult {
    pub flow_run_id: FlowRunId,
    pub status: SetStateStatus,
    pub state: Option<State>,
    pub details: StateResponseDetails,
}

impl FlowRunOrchestrationResult {
    /// Says whose result it is.
    pub fn new(flow_run_id: FlowRunId, result: OrchestrationResult) -> Self {
        let OrchestrationResult { state, status, details } = result;
        Self { flow_run_id, status, state, details }
    }
}

/// An input that a flow run waits for or was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowRunInput {
    pub id: Uuid,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub flow_run_id: FlowRunId,
    pub key: String,
    pub value: String,
    pub sender: Option<String>,
}

/// Body of `POST /flow_runs/{id}/input`.
#[derive(Debug, Clone, Deserialize)]
pub struct FlowRunInputCreate {
    pub key: String,
    #[serde(deserialize_with = "bytes")]
    pub value: String,
    #[serde(default)]
    pub sender: Option<String>,
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = RawJson::deserialize(deserializer)?;
    value.parse().map_err(|_| serde::de::Error::custom("[bytes_type] Input should be a valid bytes"))
}

/// Body of `POST /flow_runs/{id}/input/filter`.
#[derive(Debug, Clone, Deserialize)]
pub struct FlowRunInputFilter {
    pub prefix: String,
    #[serde(default = "one")]
    pub limit: i64,
    #[serde(default)]
    pub exclude_keys: Vec<String>,
}

fn one() -> i64 {
    1
}

/// A task run of `GET /flow_runs/{id}/graph` with what it waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRunDependencies {
    pub id: TaskRunId,
    pub name: String,
    /// Its inputs that are results of task runs.
    pub upstream_dependencies: Vec<RawJson>,
    pub state: Option<RawJson>,
    pub expected_start_time: Option<Timestamp>,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub total_run_time: Option<TimeDelta>,
    pub estimated_run_time: Option<TimeDelta>,
    pub untrackable_result: bool,
}

/// `GET /flow_runs/{id}/graph-v2`: the task runs and subflows of a run and how they hang together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    /// The nodes without parents.
    pub root_node_ids: Vec<Uuid>,
    pub nodes: Vec<(Uuid, GraphNode)>,
    /// The artifacts of the flow run itself.
    pub artifacts: Vec<GraphArtifact>,
    /// The states of the flow run.
    pub states: Vec<GraphState>,
}

/// A task run or a subflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphNode {
    /// `task-run` or `flow-run`.
    pub kind: String,
    pub id: Uuid,
    pub label: String,
    pub state_type: Option<StateType>,
    pub start_time: Timestamp,
    pub end_time: Option<Timestamp>,
    /// Whose results it used.
    pub parents: Vec<GraphEdge>,
    /// Who used its result.
    pub children: Vec<GraphEdge>,
    /// The task runs inside of which it ran.
    pub encapsulating: Vec<GraphEdge>,
    pub artifacts: Vec<GraphArtifact>,
}

/// The other end of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GraphEdge {
    pub id: Uuid,
}

/// A state of the flow run whose graph it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphState {
    pub id: StateId,
    pub timestamp: Timestamp,
    pub r#type: StateType,
    pub name: String,
}

/// An artifact of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphArtifact {
    pub id: Uuid,
    pub created: Timestamp,
    pub key: Option<String>,
    pub r#type: Option<String>,
    /// Whether no newer artifact has its key.
    pub is_latest: bool,
    /// Only of progress artifacts.
    pub data: Option<RawJson>,
}

/// One bucket of `POST /flow_runs/history` and `POST /task_runs/history`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryBucket {
    pub interval_start: Timestamp,
    pub interval_end: Timestamp,
    pub states: Vec<HistoryState>,
}

/// The runs of one state in a bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryState {
    pub state_type: StateType,
    pub state_name: String,
    pub count_runs: i64,
    pub sum_estimated_run_time: TimeDelta,
    pub sum_estimated_lateness: TimeDelta,
}

/// A run as the dashboard draws it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimpleFlowRun {
    pub id: FlowRunId,
    pub state_type: StateType,
    /// When it started, or is expected to.
    pub timestamp: Timestamp,
    pub duration: TimeDelta,
    pub lateness: TimeDelta,
}

/// Time spent RUNNING up to `now`.
pub fn estimated_run_time(
    state_type: Option<StateType>,
    state_timestamp: Option<Timestamp>,
    total_run_time: TimeDelta,
    now: Timestamp,
) -> TimeDelta {
    match (state_type, state_timestamp) {
        (Some(StateType::Running), Some(since)) => total_run_time + now.since(since),
        _ => total_run_time,
    }
}

/// How late a run started, or is at `now`; zero when it is not late.
pub fn estimated_start_time_delta(
    state_type: Option<StateType>,
    expected_start_time: Option<Timestamp>,
    start_time: Option<Timestamp>,
    now: Timestamp,
) -> TimeDelta {
    let Some(expected) = expected_start_time else { return TimeDelta::ZERO };
    match start_time {
        Some(started) if started > expected => started.since(expected),
        None if expected < now && !state_type.is_some_and(StateType::is_final) => now.since(expected),
        _ => TimeDelta::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::EPOCH + TimeDelta::from_secs(seconds)
    }

    #[test]
    fn only_a_running_run_gains_time() {
        let cases = [
            (Some(StateType::Running), Some(at(10)), 25),
            (Some(StateType::Completed), Some(at(10)), 5),
            (None, None, 5),
        ];
        for (state_type, since, expected) in cases {
            let estimate = estimated_run_time(state_type, since, TimeDelta::from_secs(5), at(30));
            assert_eq!(estimate, TimeDelta::from_secs(expected), "{state_type:?}");
        }
    }

    #[test]
    fn a_run_is_late_until_it_starts_or_ends() {
        let cases = [
            (Some(StateType::Running), Some(at(10)), Some(at(12)), 2),
            (Some(StateType::Running), Some(at(10)), Some(at(8)), 0),
            (Some(StateType::Scheduled), Some(at(10)), None, 20),
            (Some(StateType::Scheduled), Some(at(40)), None, 0),
            (Some(StateType::Cancelled), Some(at(10)), None, 0),
            (None, Some(at(10)), None, 20),
            (None, None, None, 0),
        ];
        for (state_type, expected_start, start, lateness) in cases {
            assert_eq!(
                estimated_start_time_delta(state_type, expected_start, start, at(30)),
                TimeDelta::from_secs(lateness),
                "{state_type:?} {expected_start:?} {start:?}"
            );
        }
    }
}
