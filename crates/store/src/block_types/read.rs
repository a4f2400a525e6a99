use sluice_wire::blocks::BlockType;
use sluice_wire::ids::{BlockTypeId, WorkspaceId};

use super::from_columns;
use crate::{Result, Row, Tx, params};

fn from_row(row: Row) -> Result<BlockType> {
    from_columns(&mut row.columns())
}

/// The type, if it exists.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: BlockTypeId) -> Result<Option<BlockType>> {
    tx.query_first(
        "SELECT id, created, updated, name, slug, logo_url, documentation_url, description, code_example,
             is_protected
         FROM block_type WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id],
    )
    .await?
    .map(from_row)
    .transpose()
}

/// The type with this slug, if it exists.
pub async fn read_by_slug(tx: &mut Tx, workspace: WorkspaceId, slug: &str) -> Result<Option<BlockType>> {
    tx.query_first(
        "SELECT id, created, updated, name, slug, logo_url, documentation_url, description, code_example,
             is_protected
         FROM block_type WHERE workspace_id = ?1 AND slug = ?2",
        params![workspace, slug],
    )
    .await?
    .map(from_row)
    .transpose()
}
