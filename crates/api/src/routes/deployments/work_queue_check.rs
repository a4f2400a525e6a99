use axum::Json;
use axum::extract::State;
use sluice_store::{Tx, deployments};
use sluice_wire::deployments::CheckedWorkQueue;
use sluice_wire::ids::{DeploymentId, WorkspaceId};

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /deployments/{id}/work_queue_check`: the queues whose deprecated filter takes the deployment.
pub async fn work_queue_check(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
) -> Result<Json<Vec<CheckedWorkQueue>>, ApiError> {
    let queues =
        app.store.read((workspace, id), |tx, (workspace, id)| Box::pin(check(tx, *workspace, *id))).await?;
    Ok(Json(queues))
}

async fn check(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
) -> Result<Vec<CheckedWorkQueue>, ApiError> {
    match deployments::read(tx, workspace, id).await? {
        Some(stored) => Ok(deployments::work_queue_check(tx, workspace, &stored).await?),
        None => Err(ApiError::not_found("Deployment not found")),
    }
}
