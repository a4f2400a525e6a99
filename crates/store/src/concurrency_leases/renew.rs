use sluice_wire::ids::{LeaseId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Moves the end of the lease; returns whether it exists.
pub async fn renew(tx: &mut Tx, workspace: WorkspaceId, id: LeaseId, expires: Timestamp) -> Result<bool> {
    let renewed = tx
        .execute(
            "UPDATE concurrency_lease SET expires = ?3 WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id, expires],
        )
        .await?;
    Ok(renewed > 0)
}
