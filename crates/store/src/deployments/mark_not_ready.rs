use sluice_wire::deployments::DeploymentStatus;
use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::{events, read};
use crate::{Dialect, Result, Tx, params};

/// Notes that nobody polls for runs of this deployment, with an event when it was ready. `updated` stays.
pub async fn mark_not_ready(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    now: Timestamp,
) -> Result<()> {
    let changed = tx
        .execute(
            "UPDATE deployment SET status = 'NOT_READY' WHERE workspace_id = ?1 AND id = ?2 AND status = 'READY'",
            params![workspace, id],
        )
        .await?;
    if changed > 0
        && let Some(stored) = read(tx, workspace, id).await?
    {
        events::status_changed(tx, workspace, &stored, DeploymentStatus::NotReady, now).await?;
    }
    Ok(())
}

/// Marks ready deployments of every workspace that nobody polled since `polled_before`, at most `limit`; returns how
/// many. Part of what the foreman does.
pub async fn mark_unpolled_not_ready(
    tx: &mut Tx,
    polled_before: Timestamp,
    limit: i64,
    now: Timestamp,
) -> Result<usize> {
    // Rows that a poll holds at this moment are ready: passed over.
    let text = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT workspace_id, id FROM deployment WHERE status = 'READY'
             AND (last_polled IS NULL OR last_polled < ?1) ORDER BY id LIMIT ?2"
        }
        Dialect::Postgres => {
            "SELECT workspace_id, id FROM deployment WHERE status = 'READY'
             AND (last_polled IS NULL OR last_polled < ?1) ORDER BY id LIMIT ?2 FOR UPDATE SKIP LOCKED"
        }
    };
    let rows = tx.query(text, params![polled_before, limit]).await?;
    let marked = rows.len();
    for row in rows {
        let mut columns = row.columns();
        let (workspace, id) = (columns.take()?, columns.take()?);
        mark_not_ready(tx, workspace, id, now).await?;
    }
    Ok(marked)
}
