use axum::extract::State;
use axum::response::Response;
use sluice_store::artifacts;
use sluice_wire::ids::ArtifactId;

use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /artifacts/{id}`: the artifact before it becomes the newest of its key.
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<ArtifactId>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let existed = app
        .store
        .write((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(artifacts::delete(tx, *workspace, *id, *now))
        })
        .await?;
    if existed { Ok(no_content()) } else { Err(ApiError::not_found("Artifact not found.")) }
}
