use sluice_wire::ids::{SavedSearchId, WorkspaceId};
use sluice_wire::saved_searches::SavedSearch;

use super::from_row;
use crate::{Result, Tx, params};

/// The search, if it exists.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: SavedSearchId) -> Result<Option<SavedSearch>> {
    tx.query_first(
        "SELECT id, created, updated, name, filters FROM saved_search WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id],
    )
    .await?
    .map(from_row)
    .transpose()
}
