use axum::extract::State;
use axum::response::Response;
use sluice_store::artifacts;
use sluice_wire::artifacts::ArtifactCreate;

use crate::extract::{Body, Workspace};
use crate::responses::created;
use crate::{ApiError, App};

/// `POST /artifacts/`
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(artifact): Body<ArtifactCreate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let artifact = app
        .store
        .write((workspace, artifact, now), |tx, (workspace, artifact, now)| {
            Box::pin(artifacts::create(tx, *workspace, artifact, *now))
        })
        .await?;
    Ok(created(artifact))
}
