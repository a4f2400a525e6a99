use sluice_store::events::NewEvent;
use sluice_wire::events::Event;
use sluice_wire::events::filter::EventFilter;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use super::Target;

pub(super) const TARGET: Target = Target {
    name: "event-frames",
    seeds: &[
        r#"{"id":"6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f","occurred":"2026-01-02T03:04:05.123456Z","event":"prefect.flow-run.Failed","resource":{"prefect.resource.id":"prefect.flow-run.6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f"},"related":[{"prefect.resource.id":"prefect.flow.x","prefect.resource.role":"flow"}],"payload":{"a":[1,2]},"follows":null}"#,
        r#"{"occurred":"2026-01-02T03:04:05+02:00","event":"x","resource":{"prefect.resource.id":"y"},"id":"6f1e1b1a6a0e4a7e9d5e1f1b6c1d2e3f"}"#,
        r#"{"type":"filter","filter":{"occurred":{"since":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"},"event":{"prefix":["prefect."],"exclude_name":["log"]},"resource":{"id_prefix":["prefect."],"labels":{"a":"b"}},"any_resource":[{"id":["x"]}],"order":"ASC"}}"#,
        r#"{"event":{"name":["a"]},"related":{"role":["flow"],"resources_in_roles":[["prefect.flow.x","flow"]]},"text":{"query":"foo -bar \"b c\""}}"#,
    ],
    words: &[
        "\"id\":",
        "\"occurred\":",
        "\"event\":",
        "\"resource\":",
        "\"related\":",
        "\"payload\":",
        "\"follows\":",
        "\"prefect.resource.id\":",
        "\"prefect.resource.role\":",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"\"",
        "null",
        "\"9999-12-31T23:59:59Z\"",
        "\"0001-01-01T00:00:00\"",
        "1e400",
        "\"name\":",
        "\"prefix\":",
        "\"labels\":",
        "\"since\":",
        "\"text\":",
        "\"query\":",
        "\"*\"",
        "\"!x\"",
    ],
    run: |text| {
        if let Ok(event) = serde_json::from_str::<Event>(text) {
            let received = event.receive(Timestamp::from_micros(1_780_000_000_000_000));
            NewEvent::new(WorkspaceId::random(), &received, 1);
            let written = serde_json::to_string(&received);
            assert!(written.is_ok(), "an event that was read cannot be written");
        }
        // What the event streams and the filters of pages take.
        if let Ok(mut frame) = serde_json::from_str::<serde_json::Value>(text) {
            let filter = frame.get_mut("filter").map_or(serde_json::Value::Null, serde_json::Value::take);
            let _ = serde_json::from_value::<EventFilter>(filter);
        }
        let _ = serde_json::from_str::<EventFilter>(text);
    },
};
