use sluice_blocks::escape_html;
use sluice_wire::blocks::{BlockType, BlockTypeCreate};
use sluice_wire::ids::{BlockTypeId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::read;
use crate::{Result, Tx, params};

/// Creates the type; none when its slug is taken.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    block_type: &BlockTypeCreate,
    now: Timestamp,
) -> Result<Option<BlockType>> {
    let id = BlockTypeId::sequential();
    let trimmed = |url: &Option<String>| url.as_deref().map(|url| url.trim().to_owned());
    tx.execute(
        "INSERT INTO block_type (id, workspace_id, created, updated, name, slug, logo_url, documentation_url,
             description, code_example, is_protected)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (workspace_id, slug) DO NOTHING",
        params![
            id,
            workspace,
            now,
            &*block_type.name,
            &*block_type.slug,
            trimmed(&block_type.logo_url),
            trimmed(&block_type.documentation_url),
            block_type.description.as_deref().map(escape_html),
            block_type.code_example.as_deref().map(escape_html),
            false,
        ],
    )
    .await?;
    let created = read(tx, workspace, id).await?;
    if let Some(block_type) = &created {
        push_event(tx, workspace, "created", block_type, now).await?;
    }
    Ok(created)
}
