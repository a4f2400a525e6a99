use sluice_wire::ids::{ConcurrencyLimitId, DeploymentId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Sets the deployment's own limit, a limit named `deployment:<id>`: changes the limit that the deployment has,
/// creates it when there is none, deletes it for none.
pub(super) async fn set(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    limit: Option<i64>,
    now: Timestamp,
) -> Result<()> {
    let current: Option<ConcurrencyLimitId> = tx
        .scalar::<Option<ConcurrencyLimitId>>(
            "SELECT concurrency_limit_id FROM deployment WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?
        .flatten();
    match (current, limit) {
        (None, None) => {}
        (Some(_), None) => delete(tx, workspace, id).await?,
        (Some(current), Some(limit)) => {
            tx.execute(
                "UPDATE concurrency_limit SET slot_limit = ?3, updated = ?4
                 WHERE workspace_id = ?1 AND id = ?2 AND slot_limit <> ?3",
                params![workspace, current, limit, now],
            )
            .await?;
        }
        (None, Some(limit)) => {
            let new = ConcurrencyLimitId::random();
            tx.execute(
                "INSERT INTO concurrency_limit (id, workspace_id, created, updated, active, name, slot_limit,
                 active_slots, denied_slots, slot_decay_per_second, avg_slot_occupancy_seconds)
                 VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, 0, 0, 0.0, 2.0)",
                params![new, workspace, now, true, format!("deployment:{id}"), limit],
            )
            .await?;
            tx.execute(
                "UPDATE deployment SET concurrency_limit_id = ?3 WHERE workspace_id = ?1 AND id = ?2",
                params![workspace, id, new],
            )
            .await?;
        }
    }
    Ok(())
}

/// Deletes the limit that the deployment refers to.
pub(super) async fn delete(tx: &mut Tx, workspace: WorkspaceId, id: DeploymentId) -> Result<()> {
    tx.execute(
        "DELETE FROM concurrency_limit WHERE workspace_id = ?1 AND id =
         (SELECT concurrency_limit_id FROM deployment WHERE workspace_id = ?1 AND id = ?2)",
        params![workspace, id],
    )
    .await?;
    Ok(())
}

/// Whether a limit has this id.
pub async fn limit_exists(tx: &mut Tx, workspace: WorkspaceId, limit: ConcurrencyLimitId) -> Result<bool> {
    let found: Option<ConcurrencyLimitId> = tx
        .scalar(
            "SELECT id FROM concurrency_limit WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, limit],
        )
        .await?;
    Ok(found.is_some())
}
