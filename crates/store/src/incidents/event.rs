use serde_json::json;
use sluice_wire::events::{Event, Labels, RESOURCE_ID, RESOURCE_NAME};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::incidents::Incident;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use crate::{Result, StoreError, Tx, outbox};

/// Tells what became of an incident.
pub(super) async fn push_event(
    tx: &mut Tx,
    workspace: WorkspaceId,
    name: &str,
    incident: &Incident,
    now: Timestamp,
) -> Result<()> {
    let resource = Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.incident.{}", incident.id)),
        (RESOURCE_NAME.to_owned(), incident.name.clone()),
    ]);
    let Incident { name: incident_name, summary, severity, status, .. } = incident;
    let payload = json!({"name": incident_name, "summary": summary, "severity": severity, "status": status});
    let mut event = Event::new(now, name, resource);
    event.payload = RawJson::from_value(&payload).map_err(|error| StoreError::Internal(error.to_string()))?;
    outbox::push(tx, workspace, &event).await
}
