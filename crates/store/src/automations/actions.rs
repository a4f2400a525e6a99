//! What is to be done because automations fired.

use sluice_wire::automations::TriggeredAction;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::text;
use crate::{Json, Result, Topic, Tx, params};

/// An action that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingAction {
    /// Whose.
    pub workspace: WorkspaceId,
    /// How often it was begun.
    pub attempts: i64,
    /// What to do.
    pub action: TriggeredAction,
}

/// Commits what is to be done with the firing.
pub async fn insert(
    tx: &mut Tx,
    workspace: WorkspaceId,
    actions: &[TriggeredAction],
    now: Timestamp,
) -> Result<()> {
    let rows = actions
        .iter()
        .map(|action| Ok(params![action.id, workspace, now, action.automation.id, 0_i64, text(action)?]))
        .collect::<Result<Vec<_>>>()?;
    tx.execute_many(
        "INSERT INTO automation_action (id, workspace_id, created, automation_id, attempts, next_attempt, action)
         VALUES (?1, ?2, ?3, ?4, ?5, ?3, ?6)",
        rows,
    )
    .await?;
    tx.notify(Topic::Actions);
    Ok(())
}

/// Actions whose time has come, oldest first.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<PendingAction>> {
    let rows = tx
        .query(
            "SELECT workspace_id, attempts, action FROM automation_action WHERE next_attempt <= ?1
             ORDER BY next_attempt, position LIMIT ?2",
            params![now, limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            let (workspace, attempts) = (columns.take()?, columns.take()?);
            let Json(action) = columns.take()?;
            Ok(PendingAction { workspace, attempts, action })
        })
        .collect()
}

/// Takes the action out: who does it in the same transaction does it once. False: it was done already.
pub async fn complete(tx: &mut Tx, workspace: WorkspaceId, id: Uuid) -> Result<bool> {
    let deleted = tx
        .execute("DELETE FROM automation_action WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await?;
    Ok(deleted == 1)
}
