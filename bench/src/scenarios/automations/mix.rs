//! The automations of the scenario. Most wait for something else than the flood; some count it; a known few fire.

use serde_json::{Value, json};

/// The events that make an automation fire, in order, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cause {
    /// Names of events. The last one makes it fire.
    pub(super) events: Vec<String>,
    /// Seconds after the last event at which it fires.
    pub(super) after_seconds: u64,
    /// Whether it fires again when the events come again.
    pub(super) is_repeatable: bool,
}

/// The ids of the resources of events that make automations fire begin with this.
pub(super) const RESOURCES: &str = "bench.alarmed.";

/// The body that creates automation `number`, and what makes it fire, if anything does.
///
/// Of a hundred, ten fire for one event, two for three events, two when both of two came, one when two came in order, one
/// when an event is missing for ten seconds; four count events of the flood, five ask for the flood's name and other
/// resources; the others ask for flow runs of one flow, for other events, for beats, or for several of them.
pub(super) fn automation(number: u64) -> (Value, Option<Cause>) {
    let name = |what: &str| format!("bench.{what}.{number}");
    let fires = |events: Vec<String>| Some(Cause { events, after_seconds: 0, is_repeatable: true });
    let of_resource = json!({"prefect.resource.id": format!("{RESOURCES}*")});
    let waits_for = |event: String| json!({"type": "event", "posture": "Reactive", "match": of_resource, "expect": [event]});
    let (trigger, cause) = match number % 100 {
        0..10 => {
            let mut trigger = waits_for(name("alarm"));
            trigger["for_each"] = json!(["prefect.resource.id"]);
            (trigger, fires(vec![name("alarm")]))
        }
        10 | 11 => {
            let mut trigger = waits_for(name("strike"));
            trigger["for_each"] = json!(["prefect.resource.id"]);
            trigger["threshold"] = json!(3);
            trigger["within"] = json!(60);
            (trigger, fires(vec![name("strike"); 3]))
        }
        12 | 13 => {
            let triggers = [waits_for(name("left")), waits_for(name("right"))];
            let trigger = json!({"type": "compound", "require": "all", "within": 60, "triggers": triggers});
            (trigger, fires(vec![name("left"), name("right")]))
        }
        14 => {
            let triggers = [waits_for(name("first")), waits_for(name("second"))];
            let trigger = json!({"type": "sequence", "within": 60, "triggers": triggers});
            (trigger, fires(vec![name("first"), name("second")]))
        }
        15 => {
            let trigger = json!({
                "type": "event", "posture": "Proactive", "match": of_resource, "after": [name("begin")],
                "expect": [name("end")], "for_each": ["prefect.resource.id"], "within": 10,
            });
            let cause = Cause { events: vec![name("begin")], after_seconds: 10, is_repeatable: false };
            (trigger, Some(cause))
        }
        16..20 => {
            let resource = json!({"prefect.resource.id": format!("bench.thing.{}", number % 1000)});
            let trigger = json!({
                "type": "event", "posture": "Reactive", "match": resource, "expect": ["bench.happened"],
                "threshold": 1_000_000, "within": 60,
            });
            (trigger, None)
        }
        20..25 => {
            let resource = json!({"prefect.resource.id": format!("bench.absent.{number}.*")});
            (
                json!({"type": "event", "posture": "Reactive", "match": resource, "expect": ["bench.happened"]}),
                None,
            )
        }
        25..70 => (flow_runs_of(number, "prefect.flow-run.Failed"), None),
        70..85 => {
            let trigger = json!({
                "type": "event", "posture": "Reactive", "expect": [format!("bench.other.{}", number % 50)],
                "match": {"prefect.resource.id": format!("bench.machine.{number}")},
                "for_each": ["prefect.resource.id"], "threshold": 5, "within": 300,
            });
            (trigger, None)
        }
        85..90 => (
            json!({"type": "event", "posture": "Reactive", "expect": [format!("bench.group-{number}.*")]}),
            None,
        ),
        90..95 => {
            let trigger = json!({
                "type": "event", "posture": "Proactive", "expect": [name("beat")], "within": 3600,
            });
            (trigger, None)
        }
        _ => {
            let triggers = ["prefect.flow-run.Failed", "prefect.flow-run.Crashed"]
                .map(|event| flow_runs_of(number, event));
            (json!({"type": "compound", "require": "any", "within": 60, "triggers": triggers}), None)
        }
    };
    let body = json!({
        "name": format!("bench {number}"), "enabled": true, "trigger": trigger,
        "actions": [{"type": "do-nothing"}],
    });
    (body, cause)
}

fn flow_runs_of(flow: u64, event: &str) -> Value {
    json!({
        "type": "event", "posture": "Reactive", "expect": [event],
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "match_related": {"prefect.resource.id": format!("prefect.flow.{flow}"), "prefect.resource.role": "flow"},
    })
}

#[cfg(test)]
mod tests {
    use super::automation;

    #[test]
    fn sixteen_of_a_hundred_fire() {
        let causes: Vec<_> = (300..400).filter_map(|number| automation(number).1).collect();
        assert_eq!(causes.len(), 16);
        assert_eq!(causes.iter().filter(|cause| !cause.is_repeatable).count(), 1);
        assert!(causes.iter().all(|cause| cause.events.iter().all(|event| event.starts_with("bench."))));
    }
}
