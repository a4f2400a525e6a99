use axum::Json;
use axum::extract::State;
use sluice_store::artifacts;
use sluice_wire::artifacts::Artifact;
use sluice_wire::ids::ArtifactId;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /artifacts/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<ArtifactId>,
) -> Result<Json<Artifact>, ApiError> {
    let artifact = app
        .store
        .read((workspace, id), |tx, (workspace, id)| Box::pin(artifacts::read(tx, *workspace, *id)))
        .await?;
    artifact.map(Json).ok_or_else(|| ApiError::not_found("Artifact not found."))
}
