use sluice_wire::ids::{SavedSearchId, WorkspaceId};

use crate::{Result, Tx, params};

/// Deletes the search; returns whether it existed.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, id: SavedSearchId) -> Result<bool> {
    let deleted = tx
        .execute("DELETE FROM saved_search WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await?;
    Ok(deleted > 0)
}
