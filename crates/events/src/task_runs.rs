//! Task runs that clients report in events (wire-protocol 7.12).

use sluice_wire::events::{Labels, RESOURCE_ID, ReceivedEvent};
use sluice_wire::task_runs::RecordedTaskRun;
use uuid::Uuid;

/// The label that says who decided about the state; what the server decided it has stored already.
const ORCHESTRATION: &str = "prefect.orchestration";

/// The task run that the event reports, if it does.
pub(crate) fn reported(event: &ReceivedEvent) -> Option<RecordedTaskRun> {
    if !event.event.starts_with("prefect.task-run")
        || event.resource.get(ORCHESTRATION).map(String::as_str) != Some("client")
    {
        return None;
    }
    let not_recorded = |reason: &str| {
        tracing::warn!(id = %event.id, event.event, reason, "an event reports no task run that can be recorded");
    };
    let Some(id) = object_id(&event.resource, "prefect.task-run.") else {
        not_recorded("its resource is no task run");
        return None;
    };
    let flow_run = event.related_in_role("flow-run");
    let flow_run_id = flow_run.and_then(|labels| object_id(labels, "prefect.flow-run."));
    if flow_run.is_some() && flow_run_id.is_none() {
        not_recorded("the related resource in the role flow-run is no flow run");
        return None;
    }
    let run = RecordedTaskRun::from_event(
        id.into(),
        flow_run_id.map(Into::into),
        // A message of an exception may hold anything; the run is recorded all the same.
        &event.payload.without_odd_escapes(),
        event.id,
        event.occurred,
    );
    run.inspect_err(|error| not_recorded(&error.to_string())).ok()
}

fn object_id(labels: &Labels, prefix: &str) -> Option<Uuid> {
    labels.get(RESOURCE_ID)?.strip_prefix(prefix)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sluice_wire::events::ReceivedEvent;
    use sluice_wire::json::RawJson;

    use super::reported;

    const RUN: &str = "7f8d86a4-09f6-4b1c-8b1d-0a7b1f8a0f6e";

    fn event(change: impl FnOnce(&mut Value)) -> ReceivedEvent {
        let mut event = json!({
            "occurred": "2026-11-22T08:00:00Z", "received": "2026-11-22T08:00:00Z",
            "id": "0193a5d2-0000-7000-8000-000000000001",
            "event": "prefect.task-run.Running",
            "resource": {"prefect.resource.id": format!("prefect.task-run.{RUN}"), "prefect.orchestration": "client"},
            "related": [{"prefect.resource.id": format!("prefect.flow-run.{RUN}"), "prefect.resource.role": "flow-run"}],
            "payload": {
                "task_run": {"name": "t-0", "task_key": "t", "dynamic_key": "0"},
                "validated_state": {"type": "RUNNING", "name": "Running"},
            },
        });
        change(&mut event);
        serde_json::from_value(event).expect("an event")
    }

    #[test]
    fn a_report_of_a_client_is_read() {
        let run = reported(&event(|_| {})).expect("a report");
        assert_eq!(
            (run.id.to_string(), run.flow_run_id.map(|id| id.to_string())),
            (RUN.to_owned(), Some(RUN.to_owned()))
        );
    }

    #[test]
    fn odd_characters_keep_no_run_from_being_recorded() {
        let mut odd = event(|_| {});
        let payload = r#"{"task_run": {"name": "t\u0000-0", "task_key": "t", "dynamic_key": "0"},
            "validated_state": {"type": "FAILED", "name": "Failed", "message": "\ud83d\u0000"}}"#;
        odd.payload = RawJson::from_text(payload.to_owned()).expect("JSON");
        let run = reported(&odd).expect("a report");
        assert_eq!(run.fields.name.as_deref(), Some("t-0"));
        assert_eq!(run.state.message.as_deref(), Some("\u{FFFD}"));
    }

    #[test]
    fn other_events_are_none() {
        let cases: [fn(&mut Value); 5] = [
            |event| event["event"] = json!("prefect.flow-run.Running"),
            |event| event["resource"]["prefect.orchestration"] = json!("server"),
            |event| event["resource"]["prefect.resource.id"] = json!("prefect.task-run.x"),
            |event| event["related"][0]["prefect.resource.id"] = json!("prefect.flow.x"),
            |event| event["payload"] = json!({}),
        ];
        for change in cases {
            let event = event(change);
            assert!(reported(&event).is_none(), "{event:?}");
        }
    }
}
