use axum::extract::State;
use axum::response::Response;
use sluice_store::artifacts;
use sluice_wire::artifacts::ArtifactUpdate;
use sluice_wire::ids::ArtifactId;

use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /artifacts/{id}`
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<ArtifactId>,
    Body(update): Body<ArtifactUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let exists = app
        .store
        .write((workspace, id, update, now), |tx, (workspace, id, update, now)| {
            Box::pin(artifacts::update(tx, *workspace, *id, update, *now))
        })
        .await?;
    if exists { Ok(no_content()) } else { Err(ApiError::not_found("Artifact not found.")) }
}
