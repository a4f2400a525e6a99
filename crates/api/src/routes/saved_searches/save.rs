use axum::extract::State;
use axum::response::Response;
use sluice_store::saved_searches;
use sluice_wire::saved_searches::SavedSearchCreate;

use crate::extract::{Body, Workspace};
use crate::responses::created_or_existing;
use crate::{ApiError, App};

/// `PUT /saved_searches/`: 201 with the new search, 200 with the one of this name, its criteria replaced.
pub async fn save(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(search): Body<SavedSearchCreate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let (search, is_new) = app
        .store
        .write((workspace, search, now), |tx, (workspace, search, now)| {
            Box::pin(saved_searches::save(tx, *workspace, search, *now))
        })
        .await?;
    Ok(created_or_existing(is_new, search))
}
