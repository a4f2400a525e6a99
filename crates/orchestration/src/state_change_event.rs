//! The parts of the event `prefect.flow-run.<state name>` that follow from the transition (wire-protocol 5.1).
//!
//! The event's id is the new state's id and it occurred at the new state's time; the related resources are the
//! store's to load.

use serde_json::{Map, Value, json};
use sluice_wire::ids::{FlowRunId, StateId};
use sluice_wire::states::{State, StateType};
use sluice_wire::time::TimeDelta;

/// Characters of a state's message that an event carries.
const LONGEST_MESSAGE: usize = 100_000;

/// An event follows another only when so little time lies between them.
const TIGHT: TimeDelta = TimeDelta::from_secs(300);

/// `prefect.flow-run.Running`
pub fn name(state: &State) -> String {
    format!("prefect.flow-run.{}", state.name)
}

/// The labels of the resource: the flow run in its new state.
pub fn resource(
    flow_run_id: FlowRunId,
    flow_run_name: &str,
    run_count: i64,
    state: &State,
) -> Map<String, Value> {
    let mut labels = Map::new();
    let mut label = |name: &str, value: String| labels.insert(name.to_owned(), Value::String(value));
    label("prefect.resource.id", format!("prefect.flow-run.{flow_run_id}"));
    label("prefect.resource.name", flow_run_name.to_owned());
    label("prefect.run-count", run_count.to_string());
    label("prefect.state-message", truncated(state.message.as_deref().unwrap_or_default()));
    label("prefect.state-name", state.name.clone());
    label("prefect.state-timestamp", state.timestamp.isoformat());
    label("prefect.state-type", state.r#type.to_string());
    labels
}

/// What was intended, what was before, what is now.
pub fn payload(initial: Option<&State>, state: &State) -> Value {
    json!({
        "intended": {"from": initial.map(|initial| initial.r#type), "to": state.r#type},
        "initial_state": initial.map(state_payload),
        "validated_state": state_payload(state),
    })
}

/// The event that this one follows: that of the previous state, unless it was long ago.
pub fn follows(initial: Option<&State>, state: &State) -> Option<StateId> {
    let initial = initial?;
    let apart = state.timestamp.since(initial.timestamp).as_micros().abs();
    (apart < TIGHT.as_micros()).then_some(initial.id)
}

fn state_payload(state: &State) -> Value {
    let mut payload = json!({"type": state.r#type});
    if !state.name.is_empty() {
        payload["name"] = json!(state.name);
    }
    if let Some(message) = state.message.as_deref().filter(|message| !message.is_empty()) {
        payload["message"] = json!(truncated(message));
    }
    if state.r#type == StateType::Paused {
        payload["pause_reschedule"] = json!(state.state_details.pause_reschedule.to_string());
    }
    payload
}

/// The beginning and the end of a text that is too long, and how much lies between.
fn truncated(text: &str) -> String {
    let length = text.chars().count();
    if length <= LONGEST_MESSAGE {
        return text.to_owned();
    }
    let notice = format!("...{} additional characters...", length - LONGEST_MESSAGE);
    let half = LONGEST_MESSAGE / 2;
    let beginning: String = text.chars().take(half).collect();
    let end: String = text.chars().skip(length - half).collect();
    // A text that is hardly too long would grow.
    if notice.len() < length - LONGEST_MESSAGE {
        format!("{beginning}{notice}{end}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluice_wire::states::StateType::{Paused, Pending, Running};
    use sluice_wire::time::TimeDelta;

    use super::{follows, name, payload, resource, truncated};
    use crate::testing::{FLOW_RUN, NOW, named, state};

    #[test]
    fn the_event_tells_the_transition() {
        let mut initial = named(Pending, "Submitting");
        initial.message = Some("soon".to_owned());
        let mut next = state(Running);
        assert_eq!(name(&next), "prefect.flow-run.Running");
        assert_eq!(
            payload(Some(&initial), &next),
            json!({
                "intended": {"from": "PENDING", "to": "RUNNING"},
                "initial_state": {"type": "PENDING", "name": "Submitting", "message": "soon"},
                "validated_state": {"type": "RUNNING", "name": "Running"},
            })
        );
        next = state(Paused);
        assert_eq!(
            payload(None, &next),
            json!({
                "intended": {"from": null, "to": "PAUSED"},
                "initial_state": null,
                "validated_state": {"type": "PAUSED", "name": "Paused", "pause_reschedule": "false"},
            })
        );
        assert_eq!(
            json!(resource(FLOW_RUN, "red-fox", 2, &next)),
            json!({
                "prefect.resource.id": "prefect.flow-run.00000000-0000-0000-0000-000000000001",
                "prefect.resource.name": "red-fox",
                "prefect.run-count": "2",
                "prefect.state-message": "",
                "prefect.state-name": "Paused",
                "prefect.state-timestamp": "2026-11-22T08:31:40+00:00",
                "prefect.state-type": "PAUSED",
            })
        );
    }

    #[test]
    fn an_event_follows_one_that_was_just_before() {
        for (seconds, follow) in [(0, true), (299, true), (-299, true), (300, false), (-300, false)] {
            let mut initial = state(Pending);
            initial.timestamp = NOW - TimeDelta::from_secs(seconds);
            let expected = follow.then_some(initial.id);
            assert_eq!(follows(Some(&initial), &state(Running)), expected, "{seconds}");
        }
        assert_eq!(follows(None, &state(Running)), None);
    }

    #[test]
    fn long_messages_lose_their_middle() {
        assert_eq!(truncated(&"a".repeat(100_000)).len(), 100_000);
        assert_eq!(
            truncated(&"a".repeat(100_020)).len(),
            100_020,
            "the notice would be longer than what it replaces"
        );
        let long = truncated(&format!("{}{}", "a".repeat(100_000), "b".repeat(100_000)));
        let expected =
            format!("{}...100000 additional characters...{}", "a".repeat(50_000), "b".repeat(50_000));
        assert_eq!(long, expected);
    }
}
