use axum::Json;
use axum::extract::State;
use sluice_store::deployments;
use sluice_wire::ids::DeploymentId;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `POST /deployments/{id}/pause_deployment`: what the scheduler made and nobody started is deleted.
pub async fn pause_deployment(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
) -> Result<Json<()>, ApiError> {
    let now = app.clock.now();
    let exists = app
        .store
        .write((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(deployments::set_paused(tx, *workspace, *id, true, *now))
        })
        .await?;
    if exists { Ok(Json(())) } else { Err(ApiError::not_found("Deployment not found")) }
}
