use sluice_wire::ids::WorkspaceId;
use sluice_wire::saved_searches::SavedSearch;

use super::from_row;
use crate::{Result, Tx, params};

/// The searches by name: `limit` of them after `offset`.
pub async fn list(tx: &mut Tx, workspace: WorkspaceId, limit: i64, offset: i64) -> Result<Vec<SavedSearch>> {
    tx.query(
        "SELECT id, created, updated, name, filters FROM saved_search WHERE workspace_id = ?1
         ORDER BY name, id LIMIT ?2 OFFSET ?3",
        params![workspace, limit, offset],
    )
    .await?
    .into_iter()
    .map(from_row)
    .collect()
}
