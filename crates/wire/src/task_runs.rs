//! Task runs: what is read, created and changed.

use serde::{Deserialize, Serialize, de};

use crate::ids::{FlowRunId, StateId, TaskRunId};
use crate::json::RawJson;
use crate::labels::KeyValueLabels;
use crate::patch::Patch;
use crate::states::{StateCreate, StateType, TaskRunPolicy};
use crate::time::{TimeDelta, Timestamp};

/// A task run, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRun {
    pub id: TaskRunId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub flow_run_id: Option<FlowRunId>,
    pub task_key: String,
    pub dynamic_key: String,
    pub cache_key: Option<String>,
    pub cache_expiration: Option<Timestamp>,
    pub task_version: Option<String>,
    pub empirical_policy: RawJson,
    pub tags: Vec<String>,
    pub labels: RawJson,
    pub state_id: Option<StateId>,
    pub task_inputs: RawJson,
    pub state_type: Option<StateType>,
    pub state_name: Option<String>,
    pub run_count: i64,
    pub flow_run_run_count: i64,
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
    /// The current state, as it was written.
    pub state: Option<RawJson>,
}

/// Body of `POST /task_runs/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRunCreate {
    #[serde(default)]
    pub id: Option<TaskRunId>,
    #[serde(default)]
    pub state: Option<StateCreate>,
    /// A random name when absent, null or empty.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    pub task_key: String,
    pub dynamic_key: String,
    #[serde(default)]
    pub cache_key: Option<String>,
    #[serde(default)]
    pub cache_expiration: Option<Timestamp>,
    #[serde(default)]
    pub task_version: Option<String>,
    #[serde(default)]
    pub empirical_policy: TaskRunPolicy,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub labels: KeyValueLabels,
    #[serde(default)]
    pub task_inputs: TaskInputs,
}

/// Body of `PATCH /task_runs/{id}`: only what was sent changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRunUpdate {
    /// A random name when null or empty.
    #[serde(default)]
    pub name: Patch<String>,
}

/// What a task run was given, by the name of the parameter, as JSON that was checked: every input is a result of
/// a task run or flow run, a parameter or a constant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct TaskInputs(pub RawJson);

impl Default for TaskInputs {
    fn default() -> Self {
        Self(RawJson::empty_object())
    }
}

/// One input of a task run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "input_type", rename_all = "snake_case")]
pub enum TaskInput {
    /// The result of another task run.
    TaskRun {
        /// Whose.
        id: uuid::Uuid,
    },
    /// The result of a flow run.
    FlowRun {
        /// Whose.
        id: uuid::Uuid,
    },
    /// A parameter of the flow.
    Parameter {
        /// Which.
        name: String,
    },
    /// A constant.
    Constant {
        /// Its type.
        r#type: String,
    },
}

impl<'de> Deserialize<'de> for TaskInputs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = RawJson::deserialize(deserializer)?;
        if text.text() != "{}" {
            text.parse::<std::collections::BTreeMap<String, Vec<TaskInput>>>().map_err(|error| {
                de::Error::custom(format!(
                    "[dict_type] Input should be a valid dictionary of inputs: {error}"
                ))
            })?;
        }
        Ok(Self(text))
    }
}

/// How many task runs are in each state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", default)]
#[expect(missing_docs, reason = "the words are the protocol's own")]
pub struct CountByState {
    pub completed: i64,
    pub pending: i64,
    pub running: i64,
    pub failed: i64,
    pub cancelled: i64,
    pub crashed: i64,
    pub paused: i64,
    pub cancelling: i64,
    pub scheduled: i64,
}

impl CountByState {
    /// The count of one type.
    pub fn of(&mut self, state_type: StateType) -> &mut i64 {
        match state_type {
            StateType::Scheduled => &mut self.scheduled,
            StateType::Pending => &mut self.pending,
            StateType::Running => &mut self.running,
            StateType::Completed => &mut self.completed,
            StateType::Failed => &mut self.failed,
            StateType::Cancelled => &mut self.cancelled,
            StateType::Crashed => &mut self.crashed,
            StateType::Paused => &mut self.paused,
            StateType::Cancelling => &mut self.cancelling,
        }
    }
}

/// A worker of background tasks that is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskWorker {
    /// What the worker calls itself.
    pub identifier: String,
    /// The tasks that it runs.
    pub task_keys: Vec<String>,
    /// When it was last seen.
    pub timestamp: Timestamp,
}
