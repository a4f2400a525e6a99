use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use super::{Key, announce, read_for_update};
use crate::{Result, Tx, concurrency_leases, params};

/// Deletes the limit and the leases that hold nothing else; returns whether it existed.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, key: &Key, now: Timestamp) -> Result<bool> {
    let Some(row) = read_for_update(tx, workspace, key).await? else { return Ok(false) };
    announce::life(tx, workspace, &row, "deleted", now).await?;
    tx.execute(
        "DELETE FROM concurrency_limit WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, row.limit.id],
    )
    .await?;
    concurrency_leases::delete_without_limits(tx, workspace).await?;
    Ok(true)
}
