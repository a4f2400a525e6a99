use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::delete_scheduled_runs::{WhichRuns, delete_scheduled_runs};
use super::{concurrency_limit, events, read};
use crate::{Result, Tx, params};

/// Deletes the deployment with its schedules, its limit and the runs that have not started; returns whether it
/// existed. Its other runs stay.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, id: DeploymentId, now: Timestamp) -> Result<bool> {
    // Locked from here on: the scheduler must not make runs for what goes away.
    tx.query_for_update(
        "SELECT id FROM deployment WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id],
    )
    .await?;
    let Some(stored) = read(tx, workspace, id).await? else { return Ok(false) };
    let related = events::related(tx, workspace, &stored).await?;
    delete_scheduled_runs(tx, workspace, id, WhichRuns::All, now).await?;
    concurrency_limit::delete(tx, workspace, id).await?;
    let deleted = tx
        .execute("DELETE FROM deployment WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await?;
    if deleted > 0 {
        events::deleted(tx, workspace, &stored, related, now).await?;
    }
    Ok(deleted > 0)
}

/// As [`delete`], for several; returns those that existed.
pub async fn delete_many(
    tx: &mut Tx,
    workspace: WorkspaceId,
    ids: &[DeploymentId],
    now: Timestamp,
) -> Result<Vec<DeploymentId>> {
    let mut deleted = Vec::new();
    for id in ids {
        if delete(tx, workspace, *id, now).await? {
            deleted.push(*id);
        }
    }
    Ok(deleted)
}
