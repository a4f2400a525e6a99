use std::sync::LazyLock;

use sluice_events::triggers::{Index, event};
use sluice_wire::automations::{Automation, AutomationCreate, AutomationUpdate, Trigger};
use sluice_wire::events::{Event, ReceivedEvent};
use sluice_wire::ids::{AutomationId, WorkspaceId};
use sluice_wire::time::{TimeDelta, Timestamp};

use super::Target;

pub(super) const TARGET: Target = Target {
    name: "automations",
    seeds: &[
        r#"{"name":"a","trigger":{"type":"event","posture":"Reactive","match":{"prefect.resource.id":"prefect.flow-run.*"},"match_related":[{"prefect.resource.role":"flow","prefect.resource.name":["!a","b*"]}],"after":["prefect.flow-run.Running"],"expect":["prefect.flow-run.*"],"for_each":["prefect.resource.id","related:flow:prefect.resource.id"],"threshold":2,"within":60},"actions":[{"type":"do-nothing"}]}"#,
        r#"{"name":"b","trigger":{"type":"event","posture":"Proactive","match":{"prefect.resource.id":["a","b"]},"expect":["x"],"threshold":1,"within":30.5},"actions":[{"type":"run-deployment","source":"selected","deployment_id":"6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f","parameters":{"x":"{{ event.id }}","y":{"__prefect_kind":"jinja","template":"{{ event.resource.name|upper }}"}},"job_variables":{"a":1}}],"actions_on_resolve":[{"type":"pause-automation","source":"inferred"}]}"#,
        r#"{"name":"c","trigger":{"type":"compound","require":1,"within":10,"triggers":[{"type":"event","posture":"Reactive","expect":["x"],"threshold":1,"within":0},{"type":"sequence","within":5,"triggers":[{"type":"event","posture":"Reactive","expect":["x"]},{"type":"event","posture":"Reactive","expect":["y"]}]}]},"actions":[{"type":"send-notification","block_document_id":"6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f","subject":"{{ automation.name }}","body":"{{ firing.id }}"},{"type":"call-webhook","block_document_id":"6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f","payload":{"a":"{{ event }}"}}]}"#,
        r#"{"name":"d","trigger":{"type":"metric","metric":{"name":"successes","operator":"<","threshold":0.5,"range":3600,"firing_for":300}},"actions":[{"type":"change-flow-run-state","name":"Off","state":"FAILED","message":"m"},{"type":"declare-incident"},{"type":"send-email-notification","emails":["a@b.c"],"subject":"s","body":"b"}],"owner_resource":"prefect.deployment.x"}"#,
    ],
    words: &[
        "\"type\":",
        "\"event\"",
        "\"compound\"",
        "\"sequence\"",
        "\"metric\"",
        "\"triggers\":",
        "\"require\":",
        "\"all\"",
        "\"any\"",
        "\"posture\":",
        "\"Reactive\"",
        "\"Proactive\"",
        "\"expect\":",
        "\"after\":",
        "\"for_each\":",
        "\"match\":",
        "\"match_related\":",
        "\"threshold\":",
        "\"within\":",
        "\"*\"",
        "\"!*\"",
        "\"prefect.flow-run.*\"",
        "\"related:\"",
        "\"{{ event\"",
        "\"parameters\":",
        "{",
        "}",
        "[",
        "]",
        ",",
        "null",
        "-1",
        "0",
        "1e300",
        "9223372036854775807",
    ],
    run: |text| {
        if let Ok(AutomationUpdate(core)) = serde_json::from_str(text) {
            let _ = core.check();
        }
        let Ok(AutomationCreate { mut core, .. }) = serde_json::from_str(text) else { return };
        for (_, template) in core.all_actions().flat_map(|action| action.templates()) {
            let _ = sluice_templating::check(template);
        }
        core.reset_trigger_ids();
        let stored = serde_json::to_string(&core).unwrap_or_default();
        assert_eq!(
            serde_json::from_str(&stored).ok(),
            Some(core.clone()),
            "what is stored is not what was read"
        );
        let (id, created) = (AutomationId::random(), Timestamp::from_micros(START));
        let automation = Automation { id, created, updated: created, core };
        let index = Index::new(vec![(WorkspaceId::DEFAULT, automation)]);
        for event in EVENTS.iter() {
            for evaluated in index.concerned(WorkspaceId::DEFAULT, event) {
                if let Trigger::Event(trigger) = evaluated.trigger() {
                    evaluate(trigger, event);
                }
            }
        }
        for evaluated in index.timed() {
            if let Trigger::Event(trigger) = evaluated.trigger() {
                let bucket = event::first_bucket(trigger, created);
                event::at_time(trigger, bucket, created + TimeDelta::from_secs(3_600));
            }
        }
    },
};

/// A certain time in 2026, in microseconds.
const START: i64 = 1_780_000_000_000_000;

static EVENTS: LazyLock<Vec<ReceivedEvent>> = LazyLock::new(|| {
    let texts = [
        r#"{"id":"6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f","occurred":"2026-05-28T20:26:40Z","event":"prefect.flow-run.Running","resource":{"prefect.resource.id":"prefect.flow-run.6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f"},"related":[{"prefect.resource.id":"prefect.flow.x","prefect.resource.role":"flow","prefect.resource.name":"b"}]}"#,
        r#"{"id":"7f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f","occurred":"2026-05-28T20:26:41Z","event":"x","resource":{"prefect.resource.id":"a"}}"#,
    ];
    let read = |text| serde_json::from_str::<Event>(text).ok();
    texts.into_iter().filter_map(read).map(|event| event.receive(Timestamp::from_micros(START))).collect()
});

/// The event comes again and again.
fn evaluate(trigger: &sluice_wire::automations::EventTrigger, event: &ReceivedEvent) {
    let mut bucket = None;
    for _ in 0..4 {
        let Some(evaluation) = event::on_event(trigger, bucket.take(), event) else { return };
        bucket = evaluation.bucket;
    }
}
