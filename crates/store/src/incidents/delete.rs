use sluice_wire::ids::{IncidentId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::{event::push_event, read};
use crate::{Result, Tx, params};

/// Deletes an incident, open or not, and tells of it with `prefect.incident.deleted`. Returns whether it was there.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, id: IncidentId, now: Timestamp) -> Result<bool> {
    let Some(incident) = read(tx, workspace, id).await? else { return Ok(false) };
    let deleted = tx
        .execute("DELETE FROM incident WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await?;
    if deleted > 0 {
        push_event(tx, workspace, "prefect.incident.deleted", &incident, now).await?;
    }
    Ok(deleted > 0)
}
