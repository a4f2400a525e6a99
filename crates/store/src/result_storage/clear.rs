use sluice_wire::ids::WorkspaceId;

use super::{KEY, read};
use crate::{Result, Tx, block_documents, configuration};

/// Unsets the block.
pub async fn clear(tx: &mut Tx, workspace: WorkspaceId) -> Result<()> {
    configuration::delete(tx, workspace, KEY).await
}

/// Unsets the block when its document is no longer there.
pub async fn clear_if_gone(tx: &mut Tx, workspace: WorkspaceId) -> Result<()> {
    let Some(document) = read(tx, workspace).await?.default_result_storage_block_id else { return Ok(()) };
    if block_documents::exists(tx, workspace, document).await? { Ok(()) } else { clear(tx, workspace).await }
}
