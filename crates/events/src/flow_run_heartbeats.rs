//! Heartbeats that flow runs send as events (wire-protocol 7.12).

use sluice_store::flow_run_heartbeats::NewHeartbeat;
use sluice_wire::events::ReceivedEvent;
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use uuid::Uuid;

/// The name of the event.
pub const HEARTBEAT: &str = "prefect.flow-run.heartbeat";

/// The heartbeat that the event is, if it is one. Of other events only the name is looked at.
pub fn reported(workspace: WorkspaceId, event: &ReceivedEvent) -> Option<NewHeartbeat> {
    if event.event != HEARTBEAT {
        return None;
    }
    let id: Uuid = event.resource_id().strip_prefix("prefect.flow-run.")?.parse().ok()?;
    let flow_run_id = FlowRunId(id);
    Some(NewHeartbeat { workspace, flow_run_id, received: event.received, occurred: event.occurred })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluice_wire::events::ReceivedEvent;
    use sluice_wire::ids::WorkspaceId;

    use super::reported;

    const RUN: &str = "7f8d86a4-09f6-4b1c-8b1d-0a7b1f8a0f6e";

    #[test]
    fn heartbeats_are_told_by_name_and_resource() {
        for (name, resource, is_heartbeat) in [
            ("prefect.flow-run.heartbeat", format!("prefect.flow-run.{RUN}"), true),
            ("prefect.flow-run.Running", format!("prefect.flow-run.{RUN}"), false),
            ("prefect.flow-run.heartbeat", format!("prefect.task-run.{RUN}"), false),
            ("prefect.flow-run.heartbeat", "prefect.flow-run.none".to_owned(), false),
        ] {
            let event = json!({
                "occurred": "2026-11-22T08:00:00Z", "received": "2026-11-22T08:00:01Z",
                "id": "0193a5d2-0000-7000-8000-000000000001",
                "event": name, "resource": {"prefect.resource.id": resource},
            });
            let event: ReceivedEvent = serde_json::from_value(event).expect("an event");
            let heartbeat = reported(WorkspaceId::DEFAULT, &event);
            assert_eq!(heartbeat.is_some(), is_heartbeat, "{name} {resource}");
            if let Some(heartbeat) = heartbeat {
                assert_eq!(heartbeat.flow_run_id.to_string(), RUN);
                assert_eq!((heartbeat.received, heartbeat.occurred), (event.received, event.occurred));
            }
        }
    }
}
