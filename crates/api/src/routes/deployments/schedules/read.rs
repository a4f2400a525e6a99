use axum::Json;
use axum::extract::State;
use sluice_store::{Tx, deployment_schedules};
use sluice_wire::deployments::DeploymentSchedule;
use sluice_wire::ids::{DeploymentId, WorkspaceId};

use super::deployment_must_exist;
use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /deployments/{id}/schedules`: the last changed comes first.
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
) -> Result<Json<Vec<DeploymentSchedule>>, ApiError> {
    let schedules =
        app.store.read((workspace, id), |tx, (workspace, id)| Box::pin(read_of(tx, *workspace, *id))).await?;
    Ok(Json(schedules))
}

async fn read_of(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
) -> Result<Vec<DeploymentSchedule>, ApiError> {
    deployment_must_exist(tx, workspace, id).await?;
    Ok(deployment_schedules::read_all(tx, workspace, id).await?)
}
