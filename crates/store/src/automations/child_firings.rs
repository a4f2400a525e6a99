//! Firings of the parts of compound and sequence triggers.

use sluice_wire::automations::Firing;
use sluice_wire::ids::{AutomationId, WorkspaceId};
use uuid::Uuid;

use super::text;
use crate::{Json, Result, Row, Tx, params};

/// The firings that a trigger remembers, oldest first.
pub async fn read(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automation: AutomationId,
    parent: Uuid,
) -> Result<Vec<Firing>> {
    let rows = tx
        .query(
            "SELECT firing FROM automation_child_firing
             WHERE workspace_id = ?1 AND automation_id = ?2 AND parent_trigger_id = ?3
             ORDER BY fired_at, child_trigger_id",
            params![workspace, automation, parent],
        )
        .await?;
    rows.into_iter().map(|row: Row| row.scalar::<Json<Firing>>().map(|Json(firing)| firing)).collect()
}

/// What a trigger remembers from now on.
pub async fn write(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automation: AutomationId,
    parent: Uuid,
    firings: &[Firing],
) -> Result<()> {
    tx.execute(
        "DELETE FROM automation_child_firing
         WHERE workspace_id = ?1 AND automation_id = ?2 AND parent_trigger_id = ?3",
        params![workspace, automation, parent],
    )
    .await?;
    let rows = firings
        .iter()
        .map(|firing| {
            let child = firing.trigger_id;
            Ok(params![workspace, automation, parent, child, firing.triggered, text(firing)?])
        })
        .collect::<Result<Vec<_>>>()?;
    tx.execute_many(
        "INSERT INTO automation_child_firing
             (workspace_id, automation_id, parent_trigger_id, child_trigger_id, fired_at, firing)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        rows,
    )
    .await?;
    Ok(())
}
