//! States of flow runs and task runs, the retry policies of runs, and the answer to a proposed state.
//!
//! Field names, order and defaults are those of Prefect 3.8.8 (wire-protocol 2.1): every field is written, nulls
//! included, and unknown fields are ignored except where a type says that it forbids them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
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
            message: self.message,
            data: self.data,
            state_details,
        }
    }
}

/// How a flow run retries and pauses (`empirical_policy` of a flow run).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FlowRunPolicyInput")]
pub struct FlowRunPolicy {
    /// Deprecated: fills `retries` when that is absent, null or zero.
    pub max_retries: i64,
    /// Deprecated: fills `retry_delay` when that is absent, null or zero.
    pub retry_delay_seconds: f64,
    /// How often a failed run starts again.
    pub retries: Option<i64>,
    /// Seconds between a failure and the next try.
    pub retry_delay: Option<i64>,
    /// The pauses that have fired.
    pub pause_keys: Option<BTreeSet<String>>,
    /// Whether the run is coming back from a pause.
    pub resuming: Option<bool>,
    /// How the run that is retrying comes back.
    pub retry_type: Option<RetryType>,
}

/// How a run that failed starts again. `Literal`: what the reference calls a refusal of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Literal", rename_all = "snake_case")]
pub enum RetryType {
    /// The process that ran it runs it again: no worker may pick it up.
    InProcess,
    /// A worker picks it up like any scheduled run.
    Reschedule,
}

impl Default for FlowRunPolicy {
    fn default() -> Self {
        Self {
            max_retries: 0,
            retry_delay_seconds: 0.0,
            retries: None,
            retry_delay: None,
            pause_keys: Some(BTreeSet::new()),
            resuming: Some(false),
            retry_type: None,
        }
    }
}

impl FlowRunPolicy {
    /// Whether the run is coming back from a pause; null counts as no.
    pub fn is_resuming(&self) -> bool {
        self.resuming == Some(true)
    }
}

#[derive(Deserialize)]
#[serde(default)]
struct FlowRunPolicyInput {
    #[serde(deserialize_with = "whole_number")]
    max_retries: i64,
    retry_delay_seconds: f64,
    #[serde(deserialize_with = "optional_whole_number")]
    retries: Option<i64>,
    #[serde(deserialize_with = "optional_whole_number")]
    retry_delay: Option<i64>,
    pause_keys: Option<BTreeSet<String>>,
    resuming: Option<bool>,
    retry_type: Option<RetryType>,
}

impl Default for FlowRunPolicyInput {
    fn default() -> Self {
        let policy = FlowRunPolicy::default();
        Self {
            max_retries: policy.max_retries,
            retry_delay_seconds: policy.retry_delay_seconds,
            retries: policy.retries,
            retry_delay: policy.retry_delay,
            pause_keys: policy.pause_keys,
            resuming: policy.resuming,
            retry_type: policy.retry_type,
        }
    }
}

impl TryFrom<FlowRunPolicyInput> for FlowRunPolicy {
    type Error = &'static str;

    fn try_from(input: FlowRunPolicyInput) -> Result<Self, Self::Error> {
        let retry_delay = match input.retry_delay {
            None | Some(0) if input.retry_delay_seconds != 0.0 => {
                Some(whole(input.retry_delay_seconds).ok_or(FRACTION)?)
            }
            other => other,
        };
        Ok(Self {
            max_retries: input.max_retries,
            retry_delay_seconds: input.retry_delay_seconds,
            retries: retries_or_deprecated(input.retries, input.max_retries),
            retry_delay,
            pause_keys: input.pause_keys,
            resuming: input.resuming,
            retry_type: input.retry_type,
        })
    }
}

/// How a task run retries (`empirical_policy` of a task run).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "TaskRunPolicyInput")]
pub struct TaskRunPolicy {
    /// Deprecated: fills `retries` when that is absent, null or zero.
    pub max_retries: i64,
    /// Deprecated: fills `retry_delay` when that is absent, null or zero.
    pub retry_delay_seconds: f64,
    /// How often a failed run starts again.
    pub retries: Option<i64>,
    /// Seconds between a failure and the next try: one number, or one a try.
    pub retry_delay: Option<RetryDelay>,
    /// By how much the delay is spread; not negative.
    pub retry_jitter_factor: Option<f64>,
}

/// Seconds before a retry. Whole numbers stay whole on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryDelay {
    /// `10`
    Whole(i64),
    /// `0.5`
    Fraction(f64),
    /// `[1, 2, 4]`: the first delay, the second, ...; the last repeats.
    WholeList(Vec<i64>),
    /// `[0.5, 1.0]`
    FractionList(Vec<f64>),
}

impl RetryDelay {
    /// Seconds before try `run_count + 1`, counting the tries made so far from one; zero when the list is empty.
    #[expect(clippy::cast_precision_loss, reason = "a delay of 2^52 seconds is never waited for")]
    pub fn seconds(&self, run_count: i64) -> f64 {
        let position = |length: usize| {
            usize::try_from(run_count.saturating_sub(1)).unwrap_or(0).min(length.saturating_sub(1))
        };
        match self {
            Self::Whole(seconds) => *seconds as f64,
            Self::Fraction(seconds) => *seconds,
            Self::WholeList(list) => list.get(position(list.len())).map_or(0.0, |seconds| *seconds as f64),
            Self::FractionList(list) => list.get(position(list.len())).copied().unwrap_or(0.0),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Whole(_) | Self::Fraction(_) => 1,
            Self::WholeList(list) => list.len(),
            Self::FractionList(list) => list.len(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TaskRunPolicyInput {
    #[serde(deserialize_with = "whole_number")]
    max_retries: i64,
    retry_delay_seconds: f64,
    #[serde(deserialize_with = "optional_whole_number")]
    retries: Option<i64>,
    retry_delay: Option<RetryDelay>,
    retry_jitter_factor: Option<f64>,
}

impl TryFrom<TaskRunPolicyInput> for TaskRunPolicy {
    type Error = &'static str;

    fn try_from(input: TaskRunPolicyInput) -> Result<Self, Self::Error> {
        const MOST_DELAYS: usize = 50;
        let falsy = match &input.retry_delay {
            None => true,
            Some(RetryDelay::Whole(seconds)) => *seconds == 0,
            Some(RetryDelay::Fraction(seconds)) => *seconds == 0.0,
            Some(list) => list.len() == 0,
        };
        let retry_delay = if falsy && input.retry_delay_seconds != 0.0 {
            Some(
                whole(input.retry_delay_seconds)
                    .map_or_else(|| RetryDelay::Fraction(input.retry_delay_seconds), RetryDelay::Whole),
            )
        } else {
            input.retry_delay
        };
        if retry_delay.as_ref().is_some_and(|delay| delay.len() > MOST_DELAYS) {
            return Err("Value error, Can not configure more than 50 retry delays per task.");
        }
        if input.retry_jitter_factor.is_some_and(|factor| factor < 0.0) {
            return Err("`retry_jitter_factor` must be >= 0.");
        }
        Ok(Self {
            max_retries: input.max_retries,
            retry_delay_seconds: input.retry_delay_seconds,
            retries: retries_or_deprecated(input.retries, input.max_retries),
            retry_delay,
            retry_jitter_factor: input.retry_jitter_factor,
        })
    }
}

const FRACTION: &str =
    "[int_from_float] Input should be a valid integer, got a number with a fractional part";

fn retries_or_deprecated(retries: Option<i64>, max_retries: i64) -> Option<i64> {
    match retries {
        None | Some(0) if max_retries != 0 => Some(max_retries),
        other => other,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the fraction is checked to be zero; the cast saturates")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0).then_some(number as i64)
}

/// An integer, or a float that is one, or its text: what the reference takes for an `int`.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    optional_whole_number(deserializer)?
        .ok_or_else(|| serde::de::Error::custom("[int_type] Input should be a valid integer"))
}

fn optional_whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "[int_type] Input should be a valid integer")]
    enum Number {
        Integer(i64),
        Float(f64),
        Text(String),
        Truth(bool),
    }
    let error = serde::de::Error::custom;
    Ok(match Option::<Number>::deserialize(deserializer)? {
        None => None,
        Some(Number::Integer(number)) => Some(number),
        Some(Number::Float(number)) => Some(whole(number).ok_or_else(|| error(FRACTION))?),
        Some(Number::Text(text)) => Some(text.trim().parse().map_err(|_| {
            serde::de::Error::custom(
                "[int_parsing] Input should be a valid integer, unable to parse string as an integer",
            )
        })?),
        Some(Number::Truth(truth)) => Some(i64::from(truth)),
    })
}

/// The answer to a proposed state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrchestrationResult {
    /// The state that the run is in now; null when it has none.
    pub state: Option<State>,
    /// What became of the proposal.
    pub status: SetStateStatus,
    /// Why.
    pub details: StateResponseDetails,
}

/// What became of a proposed state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SetStateStatus {
    /// It was written.
    Accept,
    /// Another state was written instead, or none and the current one stands.
    Reject,
    /// Nothing was written, and the client should stop trying.
    Abort,
    /// Nothing was written, and the client should try again later.
    Wait,
}

/// Why a proposed state became what it became.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum StateResponseDetails {
    /// Of ACCEPT.
    #[serde(rename = "accept_details")]
    Accept {},
    /// Of REJECT.
    #[serde(rename = "reject_details")]
    Reject {
        /// In words.
        reason: Option<String>,
    },
    /// Of ABORT.
    #[serde(rename = "abort_details")]
    Abort {
        /// In words.
        reason: Option<String>,
    },
    /// Of WAIT.
    #[serde(rename = "wait_details")]
    Wait {
        /// Seconds until the next try.
        delay_seconds: i64,
        /// In words.
        reason: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{
        FlowRunPolicy, OrchestrationResult, SetStateStatus, StateCreate, StateResponseDetails, StateType,
        TaskRunPolicy,
    };
    use crate::ids::StateId;
    use crate::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_micros(1_795_336_300_463_527);

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
    fn flow_run_policies_read_and_write_as_the_reference() {
        let base = json!({"max_retries":0,"retry_delay_seconds":0.0,"retries":null,"retry_delay":null,
            "pause_keys":[],"resuming":false,"retry_type":null});
        let cases = [
            (json!({}), json!({})),
            (json!({"retry_delay_seconds":0}), json!({})),
            (json!({"retries":"3"}), json!({"retries":3})),
            (json!({"retry_delay":1.0}), json!({"retry_delay":1})),
            (
                json!({"max_retries":3,"retry_delay_seconds":2}),
                json!({"max_retries":3,"retry_delay_seconds":2.0,"retries":3,"retry_delay":2}),
            ),
            (json!({"retries":0,"max_retries":2}), json!({"max_retries":2,"retries":2})),
            (json!({"pause_keys":null,"resuming":null}), json!({"pause_keys":null,"resuming":null})),
            (json!({"retry_type":"in_process","unknown":1}), json!({"retry_type":"in_process"})),
        ];
        for (input, difference) in cases {
            let policy: FlowRunPolicy = serde_json::from_value(input.clone()).expect("valid");
            assert_eq!(
                serde_json::to_value(policy).expect("writes"),
                overlaid(&base, &difference),
                "{input}"
            );
        }
        for refused in [
            json!({"retry_delay":1.5}),
            json!({"retry_delay_seconds":1.5}),
            json!({"retry_type":"x"}),
            json!({"max_retries":null}),
            json!("text"),
        ] {
            assert!(serde_json::from_value::<FlowRunPolicy>(refused.clone()).is_err(), "{refused}");
        }
    }

    #[test]
    fn task_run_policies_read_and_write_as_the_reference() {
        let base = json!({"max_retries":0,"retry_delay_seconds":0.0,"retries":null,"retry_delay":null,
            "retry_jitter_factor":null});
        let cases = [
            (json!({"retry_delay":1}), json!({"retry_delay":1})),
            (json!({"retry_delay":1.0}), json!({"retry_delay":1.0})),
            (json!({"retry_delay":[1,2]}), json!({"retry_delay":[1,2]})),
            (json!({"retry_delay":[1,2.5]}), json!({"retry_delay":[1.0,2.5]})),
            (json!({"retry_delay":[]}), json!({"retry_delay":[]})),
            (json!({"retry_jitter_factor":1}), json!({"retry_jitter_factor":1.0})),
            (json!({"retry_delay_seconds":1.5}), json!({"retry_delay_seconds":1.5,"retry_delay":1.5})),
        ];
        for (input, difference) in cases {
            let policy: TaskRunPolicy = serde_json::from_value(input.clone()).expect("valid");
            assert_eq!(
                serde_json::to_value(policy).expect("writes"),
                overlaid(&base, &difference),
                "{input}"
            );
        }
        for refused in [json!({"retry_jitter_factor":-1}), json!({"retry_delay":vec![1; 51]})] {
            assert!(serde_json::from_value::<TaskRunPolicy>(refused.clone()).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_list_of_delays_repeats_its_last() {
        let policy: TaskRunPolicy = serde_json::from_value(json!({"retry_delay":[1,2,4]})).expect("valid");
        let delay = policy.retry_delay.expect("given");
        for (run_count, seconds) in [(0, 1.0), (1, 1.0), (2, 2.0), (3, 4.0), (9, 4.0)] {
            assert!((delay.seconds(run_count) - seconds).abs() < f64::EPSILON, "{run_count}");
        }
    }

    #[test]
    fn types_are_read_back_from_their_text() {
        for state_type in StateType::ALL {
            assert_eq!(state_type.as_str().parse::<StateType>().expect("known"), state_type);
            assert_eq!(serde_json::to_value(state_type).expect("writes"), json!(state_type.as_str()));
            assert_eq!(state_type.is_final(), StateType::FINAL.contains(&state_type));
        }
    }

    fn overlaid(base: &Value, difference: &Value) -> Value {
        let mut result = base.clone();
        for (key, value) in difference.as_object().expect("an object") {
            result[key] = value.clone();
        }
        result
    }
}
