use sluice_wire::ids::WorkspaceId;

use crate::{Result, Tx, params};

/// Removes the value under `key`.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, key: &str) -> Result<()> {
    tx.execute("DELETE FROM configuration WHERE workspace_id = ?1 AND key = ?2", params![workspace, key])
        .await?;
    Ok(())
}
