use axum::Json;
use axum::extract::State;
use sluice_store::deployments;
use sluice_wire::ids::DeploymentId;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `POST /deployments/{id}/resume_deployment`: its schedules go on at once.
pub async fn resume_deployment(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
) -> Result<Json<()>, ApiError> {
    let now = app.clock.now();
    let exists = app
        .store
        .write((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(deployments::set_paused(tx, *workspace, *id, false, *now))
        })
        .await?;
    if exists { Ok(Json(())) } else { Err(ApiError::not_found("Deployment not found")) }
}
