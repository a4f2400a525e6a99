use axum::extract::State;
use axum::response::Response;
use sluice_store::deployments;
use sluice_wire::ids::DeploymentId;

use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /deployments/{id}`
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let existed = app
        .store
        .write((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(deployments::delete(tx, *workspace, *id, *now))
        })
        .await?;
    if existed { Ok(no_content()) } else { Err(ApiError::not_found("Deployment not found")) }
}
