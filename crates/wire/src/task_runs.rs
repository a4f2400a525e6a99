//! Task runs: what is read, created and changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de};
use uuid::Uuid;

use crate::ids::{FlowRunId, StateId, TaskRunId};
use crate::json::RawJson;
use crate::labels::KeyValueLabels;
use crate::patch::Patch;
use crate::run_policies::TaskRunPolicy;
use crate::states::{StateCreate, StateDetails, StateType};
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

/// What a page of task runs tells of each: less than reading one does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskRunSummary {
    id: TaskRunId,
    created: Timestamp,
    updated: Timestamp,
    name: String,
    flow_run_id: Option<FlowRunId>,
    task_key: String,
    state_id: Option<StateId>,
    state: Option<RawJson>,
    task_version: Option<String>,
    task_inputs: RawJson,
    empirical_policy: RawJson,
    tags: Vec<String>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    total_run_time: TimeDelta,
    estimated_run_time: TimeDelta,
    estimated_start_time_delta: TimeDelta,
}

impl From<TaskRun> for TaskRunSummary {
    fn from(run: TaskRun) -> Self {
        Self {
            id: run.id,
            created: run.created,
            updated: run.updated,
            name: run.name,
            flow_run_id: run.flow_run_id,
            task_key: run.task_key,
            state_id: run.state_id,
            state: run.state,
            task_version: run.task_version,
            task_inputs: run.task_inputs,
            empirical_policy: run.empirical_policy,
            tags: run.tags,
            start_time: run.start_time,
            end_time: run.end_time,
            total_run_time: run.total_run_time,
            estimated_run_time: run.estimated_run_time,
            estimated_start_time_delta: run.estimated_start_time_delta,
        }
    }
}

/// A task run with the name of its flow run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedTaskRun {
    /// The task run.
    #[serde(flatten)]
    pub run: TaskRun,
    /// The name of its flow run, when it has one.
    pub flow_run_name: Option<String>,
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
#[serde(tag = "input_type", rename_all = "snake_case", try_from = "InputFields")]
pub enum TaskInput {
    /// The result of another task run.
    TaskRun {
        /// Whose.
        id: Uuid,
    },
    /// The result of a flow run.
    FlowRun {
        /// Whose.
        id: Uuid,
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

/// An input as it travels. Without `input_type` the other field tells the kind; an id is that of a task run.
#[derive(Deserialize)]
struct InputFields {
    #[serde(default)]
    input_type: Option<String>,
    #[serde(default)]
    id: Option<Uuid>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    r#type: Option<String>,
}

impl TryFrom<InputFields> for TaskInput {
    type Error = &'static str;

    fn try_from(fields: InputFields) -> Result<Self, &'static str> {
        let InputFields { input_type, id, name, r#type } = fields;
        match (input_type.as_deref(), id, name, r#type) {
            (Some("task_run") | None, Some(id), _, _) => Ok(Self::TaskRun { id }),
            (Some("flow_run"), Some(id), _, _) => Ok(Self::FlowRun { id }),
            (Some("parameter") | None, _, Some(name), _) => Ok(Self::Parameter { name }),
            (Some("constant") | None, _, _, Some(r#type)) => Ok(Self::Constant { r#type }),
            _ => Err("an input is a result of a task run or flow run, a parameter or a constant"),
        }
    }
}

impl<'de> Deserialize<'de> for TaskInputs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = RawJson::deserialize(deserializer)?;
        if text.text() == "{}" {
            return Ok(Self(text));
        }
        let refused =
            |_: serde_json::Error| de::Error::custom("[dict_type] Input should be a valid dictionary");
        let inputs: BTreeMap<String, Vec<TaskInput>> = text.parse().map_err(refused)?;
        RawJson::from_value(&inputs).map(Self).map_err(refused)
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

/// How many task runs ended well and how many did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words are the protocol's own")]
pub struct CompletedAndFailed {
    pub completed: i64,
    pub failed: i64,
}

impl CompletedAndFailed {
    /// Adds so many runs that ended in a state of this type.
    pub fn add(&mut self, state_type: Option<StateType>, runs: i64) {
        if matches!(state_type, Some(StateType::Failed | StateType::Crashed)) {
            self.failed += runs;
        } else {
            self.completed += runs;
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

/// A task run and its new state, as a client reported them in an event `prefect.task-run.*` (wire-protocol 7.12).
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedTaskRun {
    /// From the event's resource.
    pub id: TaskRunId,
    /// From the related resource in the role `flow-run`.
    pub flow_run_id: Option<FlowRunId>,
    /// The run's fields; what was not sent leaves what is stored.
    pub fields: TaskRunEventFields,
    /// The new state: its id is that of the event, its timestamp the moment at which the event occurred.
    pub state: RecordedState,
}

impl RecordedTaskRun {
    /// Reads the payload of an event with this id that occurred at this time.
    ///
    /// # Errors
    /// When the payload is not that of a task run's state change.
    pub fn from_event(
        id: TaskRunId,
        flow_run_id: Option<FlowRunId>,
        payload: &RawJson,
        event_id: crate::ids::EventId,
        occurred: Timestamp,
    ) -> Result<Self, serde_json::Error> {
        let TaskRunEventPayload { task_run, validated_state } = payload.parse()?;
        let mut state_details = validated_state.state_details;
        state_details.task_run_id = Some(id);
        state_details.flow_run_id = flow_run_id;
        let timestamp = validated_state.timestamp.unwrap_or(occurred);
        if validated_state.r#type == StateType::Scheduled {
            state_details.scheduled_time.get_or_insert(timestamp);
        }
        let state = RecordedState {
            id: validated_state.id.unwrap_or(StateId(event_id.0)),
            r#type: validated_state.r#type,
            name: validated_state.name.unwrap_or_else(|| validated_state.r#type.default_name().to_owned()),
            timestamp,
            message: validated_state.message,
            data: validated_state.data,
            state_details,
        };
        Ok(Self { id, flow_run_id, fields: task_run, state })
    }
}

/// A state whose data nobody looks at. Written as [`crate::states::State`] is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of State")]
pub struct RecordedState {
    pub id: StateId,
    pub r#type: StateType,
    pub name: String,
    pub timestamp: Timestamp,
    pub message: Option<String>,
    pub data: Option<RawJson>,
    pub state_details: StateDetails,
}

#[derive(Deserialize)]
struct TaskRunEventPayload {
    task_run: TaskRunEventFields,
    validated_state: ReportedState,
}

#[derive(Deserialize)]
struct ReportedState {
    #[serde(default)]
    id: Option<StateId>,
    #[serde(default)]
    timestamp: Option<Timestamp>,
    r#type: StateType,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    data: Option<RawJson>,
    #[serde(default)]
    state_details: StateDetails,
}

/// The fields of a task run that an event carries. Those that may be null tell null from absent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of TaskRun")]
pub struct TaskRunEventFields {
    #[serde(default)]
    pub name: Option<String>,
    pub task_key: String,
    pub dynamic_key: String,
    #[serde(default)]
    pub cache_key: Patch<String>,
    #[serde(default)]
    pub cache_expiration: Patch<Timestamp>,
    #[serde(default)]
    pub task_version: Patch<String>,
    #[serde(default)]
    pub empirical_policy: Option<TaskRunPolicy>,
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    #[serde(default)]
    pub labels: Option<KeyValueLabels>,
    #[serde(default)]
    pub task_inputs: Option<TaskInputs>,
    #[serde(default)]
    pub run_count: Option<i64>,
    #[serde(default)]
    pub flow_run_run_count: Option<i64>,
    #[serde(default)]
    pub expected_start_time: Patch<Timestamp>,
    #[serde(default)]
    pub next_scheduled_start_time: Patch<Timestamp>,
    #[serde(default)]
    pub start_time: Patch<Timestamp>,
    #[serde(default)]
    pub end_time: Patch<Timestamp>,
    #[serde(default)]
    pub total_run_time: Option<TimeDelta>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::EventId;

    #[test]
    fn an_event_becomes_a_task_run_with_the_events_id_and_time_in_its_state() {
        let payload = r#"{
            "intended": {"from": "PENDING", "to": "RUNNING"},
            "initial_state": {"type": "PENDING", "name": "Pending"},
            "validated_state": {"type": "RUNNING", "name": "Running", "message": "", "data": {"a": 1.0},
                                "state_details": {"pause_reschedule": false}},
            "task_run": {"name": "t-0", "task_key": "t-abc", "dynamic_key": "0", "end_time": null, "run_count": 1,
                         "task_inputs": {"x": [{"input_type": "constant", "type": "int"}]}}
        }"#;
        let payload = RawJson::from_text(payload.to_owned()).expect("JSON");
        let (id, flow_run_id) = (TaskRunId::random(), FlowRunId::random());
        let (event_id, occurred) = (EventId::sequential(), Timestamp::from_micros(7));
        let run =
            RecordedTaskRun::from_event(id, Some(flow_run_id), &payload, event_id, occurred).expect("reads");
        assert_eq!((run.state.id.0, run.state.timestamp), (event_id.0, occurred));
        assert_eq!(run.state.state_details.task_run_id, Some(id));
        assert_eq!(run.state.state_details.flow_run_id, Some(flow_run_id));
        assert_eq!((&run.fields.end_time, &run.fields.start_time), (&Patch::Null, &Patch::Absent));
        let state = serde_json::to_value(&run.state).expect("writes");
        assert_eq!(state["data"], serde_json::json!({"a": 1.0}));
        assert_eq!(state["state_details"]["untrackable_result"], serde_json::json!(false));
    }

    #[test]
    fn other_payloads_are_refused() {
        for payload in [
            "{}",
            r#"{"task_run": {"task_key": "k", "dynamic_key": "0"}}"#,
            r#"{"task_run": {"dynamic_key": "0"}, "validated_state": {"type": "RUNNING"}}"#,
            r#"{"task_run": {"task_key": "k", "dynamic_key": "0"}, "validated_state": {"type": "WALKING"}}"#,
        ] {
            let payload = RawJson::from_text(payload.to_owned()).expect("JSON");
            let run = RecordedTaskRun::from_event(
                TaskRunId::random(),
                None,
                &payload,
                EventId::sequential(),
                Timestamp::EPOCH,
            );
            assert!(run.is_err(), "{payload:?}");
        }
    }

    #[test]
    fn an_input_that_does_not_say_what_it_is_is_the_result_of_a_task_run() {
        let text = r#"{"x":[{"id":"7f8d86a4-09f6-4b1c-8b1d-0a7b1f8a0f6e"}]}"#;
        let inputs: TaskInputs = serde_json::from_str(text).expect("inputs");
        assert_eq!(inputs.0.text(), text.replace("{\"id", "{\"input_type\":\"task_run\",\"id"));
    }

    #[test]
    fn inputs_are_of_four_kinds() {
        for (text, is_valid) in [
            (r#"{}"#, true),
            (
                r#"{"x": [{"input_type": "parameter", "name": "n"}, {"input_type": "constant", "type": "int"}]}"#,
                true,
            ),
            (r#"{"x": [{"input_type": "task_run", "id": "7f8d86a4-09f6-4b1c-8b1d-0a7b1f8a0f6e"}]}"#, true),
            (r#"{"x": [{"id": "7f8d86a4-09f6-4b1c-8b1d-0a7b1f8a0f6e"}]}"#, true),
            (r#"{"x": [{"input_type": "task_run"}]}"#, false),
            (r#"{"x": [{"input_type": "variable", "name": "n"}]}"#, false),
            (r#"{"x": {}}"#, false),
            ("[]", false),
        ] {
            assert_eq!(serde_json::from_str::<TaskInputs>(text).is_ok(), is_valid, "{text}");
        }
    }
}
