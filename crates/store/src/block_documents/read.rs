use sluice_secrets::KeyRing;
use sluice_wire::blocks::BlockDocument;
use sluice_wire::ids::{BlockDocumentId, WorkspaceId};

use super::loaded::{Loaded, Opening};
use crate::{Result, Tx, params};

/// The document, if it exists. Its secrets are hidden unless they are asked for.
pub async fn read(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    id: BlockDocumentId,
    include_secrets: bool,
) -> Result<Option<BlockDocument>> {
    let loaded = Loaded::load(tx, workspace, &[id]).await?;
    loaded.full(id, &Opening { keys, workspace, include_secrets })
}

/// The document of this name and type, anonymous or not, if it exists.
pub async fn read_by_name(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    type_slug: &str,
    name: &str,
    include_secrets: bool,
) -> Result<Option<BlockDocument>> {
    let id = tx
        .scalar(
            "SELECT block_document.id FROM block_type
             JOIN block_document ON block_document.block_type_id = block_type.id
             WHERE block_type.workspace_id = ?1 AND block_type.slug = ?2 AND block_document.name = ?3",
            params![workspace, type_slug, name],
        )
        .await?;
    match id {
        Some(id) => read(tx, workspace, keys, id, include_secrets).await,
        None => Ok(None),
    }
}
