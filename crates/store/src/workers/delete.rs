use sluice_wire::ids::{WorkPoolId, WorkspaceId};

use crate::{Result, Tx, params};

/// Forgets the worker; returns whether it was known.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, pool: WorkPoolId, name: &str) -> Result<bool> {
    let deleted = tx
        .execute(
            "DELETE FROM worker WHERE workspace_id = ?1 AND work_pool_id = ?2 AND name = ?3",
            params![workspace, pool, name],
        )
        .await?;
    Ok(deleted > 0)
}
