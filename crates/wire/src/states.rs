//! States of flow runs and task runs.
//!
//! Field names, order and defaults are those of Prefect 3.8.8 (wire-protocol 2.1): every field is written, nulls
//! included, and unknown fields are ignored except where a type says that it forbids them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::ids::{FlowRunId, LeaseId, StateId, TaskRunId};
use crate::time::Timestamp;

/// The state of a run: what `state` of a run holds, what `GET /flow_run_states/{id}` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Time-ordered (version 7): it also orders the events that the state causes.
    #[serde(default = "StateId::sequential")]
    pub id: StateId,
    /// What rules look at.
    pub r#type: StateType,
    /// What people see, e.g. `AwaitingRetry` of type SCHEDULED.
    pub name: String,
    /// When the run entered the state, by the server's clock.
    pub timestamp: Timestamp,
    /// Words for people.
    #[serde(default)]
    pub message: Option<String>,
    /// The result, or a description of where the result is.
    #[serde(default)]
    pub data: Option<Value>,
    /// What rules remember between states.
    #[serde(default)]
    pub state_details: StateDetails,
}

impl State {
    /// A state of this type with its default name, no message, no data and default details.
    pub fn new(state_type: StateType, id: StateId, timestamp: Timestamp) -> Self {
        Self {
            id,
            r#type: state_type,
            name: state_type.default_name().to_owned(),
            timestamp,
            message: None,
            data: None,
            state_details: StateDetails::default(),
        }
    }

    /// A SCHEDULED state named `name` for `scheduled_time`.
    pub fn scheduled(name: &str, scheduled_time: Timestamp, id: StateId, timestamp: Timestamp) -> Self {
        let mut state = Self::new(StateType::Scheduled, id, timestamp);
        name.clone_into(&mut state.name);
        state.state_details.scheduled_time = Some(scheduled_time);
        state
    }

    /// Whether a run in this state is over.
    pub fn is_final(&self) -> bool {
        self.r#type.is_final()
    }

    /// Whether `data` describes a result that was stored (section 2.1: any object but `{"type":"unpersisted"}`).
    pub fn has_persisted_result(&self) -> bool {
        let Some(Value::Object(fields)) = &self.data else { return false };
        fields.get("type").and_then(Value::as_str) != Some("unpersisted")
    }
}

/// The nine types of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the words are the protocol's own")]
pub enum StateType {
    Scheduled,
    Pending,
    Running,
    Completed,
    Failed,
    Cancelled,
    Crashed,
    Paused,
    Cancelling,
}

impl StateType {
    /// Every type, in the order of the protocol.
    pub const ALL: [Self; 9] = [
        Self::Scheduled,
        Self::Pending,
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Crashed,
        Self::Paused,
        Self::Cancelling,
    ];

    /// The types in which a run is over.
    pub const FINAL: [Self; 4] = [Self::Completed, Self::Failed, Self::Cancelled, Self::Crashed];

    /// Whether a run of this type is over.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::Crashed)
    }

    /// As it travels and as it is stored: `SCHEDULED`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::Crashed => "CRASHED",
            Self::Paused => "PAUSED",
            Self::Cancelling => "CANCELLING",
        }
    }

    /// The name of a state that was given none: `Scheduled`.
    pub const fn default_name(self) -> &'static str {
        match self {
            Self::Scheduled => "Scheduled",
            Self::Pending => "Pending",
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Crashed => "Crashed",
            Self::Paused => "Paused",
            Self::Cancelling => "Cancelling",
        }
    }
}

impl fmt::Display for StateType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no state type.
#[derive(Debug, thiserror::Error)]
#[error("not a state type: {0}")]
pub struct UnknownStateType(String);

impl FromStr for StateType {
    type Err = UnknownStateType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state_type| state_type.as_str() == text)
            .ok_or_else(|| UnknownStateType(text.to_owned()))
    }
}

/// What rules and clients remember in a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StateDetails {
    /// The flow run that the state belongs to, or whose task run it belongs to.
    pub flow_run_id: Option<FlowRunId>,
    /// The task run that the state belongs to; on a subflow's state, the task run that stands for it in its parent.
    pub task_run_id: Option<TaskRunId>,
    /// On the state of a task run that stands for a subflow: the subflow's run.
    pub child_flow_run_id: Option<FlowRunId>,
    /// When the run is due.
    pub scheduled_time: Option<Timestamp>,
    /// Under which key a COMPLETED state of a task run is reused.
    pub cache_key: Option<String>,
    /// Until when it may be reused; forever when null.
    pub cache_expiration: Option<Timestamp>,
    /// Whether a task worker, not the caller, runs the task. `None` is an explicit null, which is kept.
    pub deferred: Option<bool>,
    /// Whether the result cannot be tracked to the task run that made it.
    pub untrackable_result: bool,
    /// When a pause becomes a failure.
    pub pause_timeout: Option<Timestamp>,
    /// Whether the pause gave up its process (a suspension).
    pub pause_reschedule: bool,
    /// Names the pause, so that it fires once a run.
    pub pause_key: Option<String>,
    /// Keys of the run inputs that the pause waits for.
    pub run_input_keyset: Option<BTreeMap<String, String>>,
    /// Whether to run even when a cached state exists.
    pub refresh_cache: Option<bool>,
    /// Whether the client allows a retry of this failure.
    pub retriable: Option<bool>,
    /// Makes the transition idempotent.
    pub transition_id: Option<Uuid>,
    /// Where the parameters of a background task are stored.
    pub task_parameters_id: Option<Uuid>,
    /// The W3C trace context in which the state was created.
    pub traceparent: Option<String>,
    /// The lease that holds the run's slot of its deployment's concurrency limit.
    pub deployment_concurrency_lease_id: Option<LeaseId>,
}

impl Default for StateDetails {
    fn default() -> Self {
        Self {
            flow_run_id: None,
            task_run_id: None,
            child_flow_run_id: None,
            scheduled_time: None,
            cache_key: None,
            cache_expiration: None,
            deferred: Some(false),
            untrackable_result: false,
            pause_timeout: None,
            pause_reschedule: false,
            pause_key: None,
            run_input_keyset: None,
            refresh_cache: None,
            retriable: None,
            transition_id: None,
            task_parameters_id: None,
            traceparent: None,
            deployment_concurrency_lease_id: None,
        }
    }
}

/// A state as a client proposes it: ids and timestamps are the server's, so other fields are forbidden.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateCreate {
    /// See [`State::type`].
    pub r#type: StateType,
    /// The type's default name when absent or null.
    #[serde(default)]
    pub name: Option<String>,
    /// See [`State::message`].
    #[serde(default)]
    pub message: Option<String>,
    /// See [`State::data`].
    #[serde(default)]
    pub data: Option<Value>,
    /// See [`State::state_details`].
    #[serde(default)]
    pub state_details: StateDetails,
}

impl StateCreate {
    /// The full state: named, stamped, and due `now` when it is SCHEDULED for no particular time.
    pub fn into_state(self, id: StateId, now: Timestamp) -> State {
        let mut state_details = self.state_details;
        if self.r#type == StateType::Scheduled {
            state_details.scheduled_time.get_or_insert(now);
        }
        State {
            id,
            r#type: self.r#type,
            name: self.name.unwrap_or_else(|| self.r#type.default_name().to_owned()),
            timestamp: now,
            // An exception may say anything, and PostgreSQL stores no NUL. A run must be able to fail with any message.
            message: self.message.map(|message| message.replace('\0', "")),
            data: self.data,
            state_details,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{StateCreate, StateType};
    use crate::ids::StateId;
    use crate::orchestration_results::{OrchestrationResult, SetStateStatus, StateResponseDetails};
    use crate::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_micros(1_795_336_300_463_527);

    #[test]
    fn a_message_with_nuls_is_taken_without_them() {
        let create: StateCreate =
            serde_json::from_str(r#"{"type": "FAILED", "message": "bad \u0000text"}"#).expect("reads");
        let state = create.into_state(StateId::random(), Timestamp::from_micros(0));
        assert_eq!(state.message.as_deref(), Some("bad text"));
    }

    #[test]
    fn a_state_is_written_as_the_reference_writes_it() {
        let request = r#"{"type":"RUNNING","name":"Running","message":null,"state_details":{"flow_run_id":"369b9df6-37cc-4b1a-b22c-95bbc29fedf0","task_run_id":null,"child_flow_run_id":null,"scheduled_time":null,"cache_key":null,"cache_expiration":null,"deferred":null,"untrackable_result":false,"pause_timeout":null,"pause_reschedule":false,"pause_key":null,"run_input_keyset":null,"refresh_cache":null,"retriable":null,"transition_id":"7879e968-54f5-4d65-b5c4-d325484a8839","task_parameters_id":null,"traceparent":null,"deployment_concurrency_lease_id":null},"data":null}"#;
        let create: StateCreate = serde_json::from_str(request).expect("a recorded request");
        let id: StateId = "01a20261-e7af-7e17-b80a-408e56d957f5".parse().expect("valid");
        let result = OrchestrationResult {
            state: Some(create.into_state(id, NOW)),
            status: SetStateStatus::Accept,
            details: StateResponseDetails::Accept {},
        };
        let recorded = r#"{"state":{"id":"01a20261-e7af-7e17-b80a-408e56d957f5","type":"RUNNING","name":"Running","timestamp":"2026-11-22T08:31:40.463527Z","message":null,"data":null,"state_details":{"flow_run_id":"369b9df6-37cc-4b1a-b22c-95bbc29fedf0","task_run_id":null,"child_flow_run_id":null,"scheduled_time":null,"cache_key":null,"cache_expiration":null,"deferred":null,"untrackable_result":false,"pause_timeout":null,"pause_reschedule":false,"pause_key":null,"run_input_keyset":null,"refresh_cache":null,"retriable":null,"transition_id":"7879e968-54f5-4d65-b5c4-d325484a8839","task_parameters_id":null,"traceparent":null,"deployment_concurrency_lease_id":null}},"status":"ACCEPT","details":{"type":"accept_details"}}"#;
        assert_eq!(serde_json::to_string(&result).expect("writes"), recorded);
        let read: OrchestrationResult = serde_json::from_str(recorded).expect("reads its own");
        assert_eq!(read, result);
    }

    #[test]
    fn a_created_state_gets_its_defaults() {
        let create: StateCreate = serde_json::from_str(r#"{"type":"SCHEDULED"}"#).expect("valid");
        let state = create.into_state(StateId::random(), NOW);
        assert_eq!(state.name, "Scheduled");
        assert_eq!(state.state_details.scheduled_time, Some(NOW));
        assert_eq!(state.state_details.deferred, Some(false));
        let named: StateCreate = serde_json::from_str(r#"{"type":"RUNNING","name":""}"#).expect("valid");
        assert_eq!(named.into_state(StateId::random(), NOW).name, "", "an empty name is a name");
    }

    #[test]
    fn what_the_reference_refuses_is_refused() {
        for text in [
            "{}",
            r#"{"type":"running"}"#,
            r#"{"type":"RUNNING","timestamp":1}"#,
            r#"{"type":"RUNNING","state_details":null}"#,
            r#"{"type":"RUNNING","state_details":{"untrackable_result":null}}"#,
            r#"{"type":"RUNNING","state_details":{"run_input_keyset":{"a":1}}}"#,
        ] {
            assert!(serde_json::from_str::<StateCreate>(text).is_err(), "{text}");
        }
        let lenient = r#"{"type":"RUNNING","state_details":{"something_newer":1}}"#;
        assert!(serde_json::from_str::<StateCreate>(lenient).is_ok());
    }

    #[test]
    fn types_are_read_back_from_their_text() {
        for state_type in StateType::ALL {
            assert_eq!(state_type.as_str().parse::<StateType>().expect("known"), state_type);
            assert_eq!(serde_json::to_value(state_type).expect("writes"), json!(state_type.as_str()));
            assert_eq!(state_type.is_final(), StateType::FINAL.contains(&state_type));
        }
    }
}
