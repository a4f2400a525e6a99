use sluice_wire::blocks::BlockSchema;
use sluice_wire::ids::{BlockSchemaId, WorkspaceId};

use super::Loaded;
use crate::{Result, Tx, params};

/// The schema, if it exists.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: BlockSchemaId) -> Result<Option<BlockSchema>> {
    Ok(Loaded::load(tx, workspace, &[id]).await?.full(id))
}

/// The newest schema with this checksum, and of this version if one is given.
pub async fn read_by_checksum(
    tx: &mut Tx,
    workspace: WorkspaceId,
    checksum: &str,
    version: Option<&str>,
) -> Result<Option<BlockSchema>> {
    match find(tx, workspace, checksum, version).await? {
        Some(id) => read(tx, workspace, id).await,
        None => Ok(None),
    }
}

pub(super) async fn find(
    tx: &mut Tx,
    workspace: WorkspaceId,
    checksum: &str,
    version: Option<&str>,
) -> Result<Option<BlockSchemaId>> {
    match version {
        Some(version) => {
            tx.scalar(
                "SELECT id FROM block_schema WHERE workspace_id = ?1 AND checksum = ?2 AND version = ?3",
                params![workspace, checksum, version],
            )
            .await
        }
        None => {
            tx.scalar(
                "SELECT id FROM block_schema WHERE workspace_id = ?1 AND checksum = ?2
                 ORDER BY created DESC, id DESC LIMIT 1",
                params![workspace, checksum],
            )
            .await
        }
    }
}
