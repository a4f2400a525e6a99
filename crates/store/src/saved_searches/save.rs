use sluice_wire::ids::{SavedSearchId, WorkspaceId};
use sluice_wire::saved_searches::{SavedSearch, SavedSearchCreate};
use sluice_wire::time::Timestamp;

use super::from_row;
use crate::{Json, Result, StoreError, Tx, params};

/// Creates the search or replaces the criteria of the one of this name; returns it and whether it is new.
pub async fn save(
    tx: &mut Tx,
    workspace: WorkspaceId,
    search: &SavedSearchCreate,
    now: Timestamp,
) -> Result<(SavedSearch, bool)> {
    let id = SavedSearchId::sequential();
    let saved = tx
        .query_first(
            "INSERT INTO saved_search (id, workspace_id, created, updated, name, filters)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5)
             ON CONFLICT (workspace_id, name) DO UPDATE SET filters = excluded.filters, updated = excluded.updated
             RETURNING id, created, updated, name, filters",
            params![id, workspace, now, &search.name, Json(&search.filters)],
        )
        .await?
        .ok_or_else(|| StoreError::Internal("the saved search is gone again".to_owned()))?;
    let saved = from_row(saved)?;
    let is_new = saved.id == id;
    Ok((saved, is_new))
}
