use sluice_wire::ids::{BlockDocumentId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::loaded::Loaded;
use crate::{Result, Tx, params, result_storage};

/// Deletes the document; false when it does not exist. Nothing is decrypted: one whose key is lost can go.
pub async fn delete(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: BlockDocumentId,
    now: Timestamp,
) -> Result<bool> {
    let Some(document) = Loaded::load(tx, workspace, &[id]).await?.without_data(id) else { return Ok(false) };
    push_event(tx, workspace, "deleted", &document, now).await?;
    tx.execute("DELETE FROM block_document WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await?;
    result_storage::clear_if_gone(tx, workspace).await?;
    Ok(true)
}
