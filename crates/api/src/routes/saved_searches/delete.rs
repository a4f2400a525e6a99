use axum::extract::State;
use axum::response::Response;
use sluice_store::saved_searches;
use sluice_wire::ids::SavedSearchId;

use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /saved_searches/{id}`
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<SavedSearchId>,
) -> Result<Response, ApiError> {
    let existed = app
        .store
        .write((workspace, id), |tx, (workspace, id)| Box::pin(saved_searches::delete(tx, *workspace, *id)))
        .await?;
    if existed { Ok(no_content()) } else { Err(ApiError::not_found("Saved search not found")) }
}
