use sluice_wire::blocks::BlockType;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::forget_registration;
use crate::{Result, Tx, params, result_storage};

/// Deletes a type that was just read, with its schemas and documents.
pub async fn delete(
    tx: &mut Tx,
    workspace: WorkspaceId,
    block_type: &BlockType,
    now: Timestamp,
) -> Result<()> {
    push_event(tx, workspace, "deleted", block_type, now).await?;
    tx.execute(
        "DELETE FROM block_type WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, block_type.id],
    )
    .await?;
    result_storage::clear_if_gone(tx, workspace).await?;
    forget_registration(tx, workspace).await
}
