use sluice_wire::ids::{IncidentId, WorkspaceId};
use sluice_wire::incidents::{Incident, IncidentStatus, IncidentUpdate};
use sluice_wire::time::Timestamp;

use super::{event::push_event, read};
use crate::{Result, Tx, params};

/// Changes what was sent, and tells of it with `prefect.incident.resolved`, `.reopened` or `.updated` unless it was
/// so already. None when there is no such incident.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: IncidentId,
    update: &IncidentUpdate,
    now: Timestamp,
) -> Result<Option<Incident>> {
    tx.query_for_update(
        "SELECT id FROM incident WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id],
    )
    .await?;
    let Some(before) = read(tx, workspace, id).await? else { return Ok(None) };
    let after = Incident {
        summary: update.summary.clone().unwrap_or_else(|| before.summary.clone()),
        severity: update.severity.unwrap_or(before.severity),
        status: update.status.unwrap_or(before.status),
        ..before.clone()
    };
    if after == before {
        return Ok(Some(before));
    }
    let after = Incident { updated: now, ..after };
    tx.execute(
        "UPDATE incident SET updated = ?3, summary = ?4, severity = ?5, status = ?6 WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id, now, &after.summary, after.severity.as_str(), after.status.as_str()],
    )
    .await?;
    let name = match (before.status, after.status) {
        (IncidentStatus::Open, IncidentStatus::Resolved) => "prefect.incident.resolved",
        (IncidentStatus::Resolved, IncidentStatus::Open) => "prefect.incident.reopened",
        _ => "prefect.incident.updated",
    };
    push_event(tx, workspace, name, &after, now).await?;
    Ok(Some(after))
}
