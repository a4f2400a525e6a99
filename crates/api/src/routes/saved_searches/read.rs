use axum::Json;
use axum::extract::State;
use sluice_store::saved_searches;
use sluice_wire::ids::SavedSearchId;
use sluice_wire::saved_searches::SavedSearch;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /saved_searches/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<SavedSearchId>,
) -> Result<Json<SavedSearch>, ApiError> {
    let search = app
        .store
        .read((workspace, id), |tx, (workspace, id)| Box::pin(saved_searches::read(tx, *workspace, *id)))
        .await?;
    search.map(Json).ok_or_else(|| ApiError::not_found("Saved search not found"))
}
