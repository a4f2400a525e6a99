use sluice_wire::automations::Automation;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::version;
use crate::{Result, Tx, params};

/// Deletes an automation that was just read, with all that its triggers know. What it was about to do is done.
pub async fn delete(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automation: &Automation,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "DELETE FROM automation WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, automation.id],
    )
    .await?;
    version::bump(tx).await?;
    push_event(tx, workspace, "deleted", automation, now).await
}

/// Deletes the automations that belong to the resource; returns how many. No event tells of it, as in the reference.
pub async fn delete_owned_by(tx: &mut Tx, workspace: WorkspaceId, resource_id: &str) -> Result<u64> {
    let deleted = tx
        .execute(
            "DELETE FROM automation WHERE workspace_id = ?1 AND id IN (
                SELECT automation_id FROM automation_related_resource
                WHERE workspace_id = ?1 AND resource_id = ?2 AND is_owner = ?3)",
            params![workspace, resource_id, true],
        )
        .await?;
    if deleted > 0 {
        version::bump(tx).await?;
    }
    Ok(deleted)
}
