use axum::Json;
use axum::extract::State;
use sluice_store::deployments;
use sluice_wire::deployments::Deployment;
use sluice_wire::ids::DeploymentId;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /deployments/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
) -> Result<Json<Deployment>, ApiError> {
    let stored = app
        .store
        .read((workspace, id), |tx, (workspace, id)| Box::pin(deployments::read(tx, *workspace, *id)))
        .await?;
    stored.map(|stored| Json(stored.deployment)).ok_or_else(|| ApiError::not_found("Deployment not found"))
}
