//! How runs retry and pause (`empirical_policy`).
//!
//! Every field is written, nulls included, and unknown fields are ignored, as Prefect 3.8.8 does.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};

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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{FlowRunPolicy, TaskRunPolicy};

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

    fn overlaid(base: &Value, difference: &Value) -> Value {
        let mut result = base.clone();
        for (key, value) in difference.as_object().expect("an object") {
            result[key] = value.clone();
        }
        result
    }
}
