use sluice_wire::ids::WorkspaceId;

use super::{KEY, read};
use crate::{Result, Tx, configuration, params};

/// Unsets the block.
pub async fn clear(tx: &mut Tx, workspace: WorkspaceId) -> Result<()> {
    configuration::delete(tx, workspace, KEY).await
}

/// Unsets the block when its document is no longer there.
pub async fn clear_if_gone(tx: &mut Tx, workspace: WorkspaceId) -> Result<()> {
    let Some(document) = read(tx, workspace).await?.default_result_storage_block_id else { return Ok(()) };
    let found: Option<i64> = tx
        .scalar(
            "SELECT count(*) FROM block_document WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, document],
        )
        .await?;
    if found == Some(0) { clear(tx, workspace).await } else { Ok(()) }
}
