use sluice_wire::ids::{BlockSchemaId, WorkspaceId};

use crate::{Result, Tx, block_types, params, result_storage};

/// Deletes a schema that was just read, with the documents that have it.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, id: BlockSchemaId) -> Result<()> {
    tx.execute("DELETE FROM block_schema WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await?;
    result_storage::clear_if_gone(tx, workspace).await?;
    block_types::forget_registration(tx, workspace).await
}
