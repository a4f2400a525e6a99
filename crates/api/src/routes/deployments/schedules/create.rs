use axum::extract::State;
use axum::response::Response;
use sluice_store::{JobError, StoreError, Tx, deployment_schedules};
use sluice_wire::deployments::{DeploymentSchedule, DeploymentScheduleCreate};
use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::{complete, deployment_must_exist};
use crate::extract::{Body, Id, Workspace};
use crate::responses::created;
use crate::{ApiError, App};

/// `POST /deployments/{id}/schedules`: 409 when the deployment has a schedule of the same slug.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
    Body(mut schedules): Body<Vec<DeploymentScheduleCreate>>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    for (index, schedule) in schedules.iter_mut().enumerate() {
        complete(&mut schedule.schedule, &[&index.to_string(), "schedule"], now)?;
    }
    let added = app
        .store
        .write((workspace, id, schedules, now), |tx, (workspace, id, schedules, now)| {
            Box::pin(add(tx, *workspace, *id, schedules, *now))
        })
        .await
        .map_err(|error| match error.store_error() {
            Some(StoreError::Unique(_)) => {
                ApiError::conflict("Schedule slugs must be unique within a deployment.")
            }
            _ => error,
        })?;
    Ok(created(added))
}

async fn add(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    schedules: &[DeploymentScheduleCreate],
    now: Timestamp,
) -> Result<Vec<DeploymentSchedule>, ApiError> {
    deployment_must_exist(tx, workspace, id).await?;
    Ok(deployment_schedules::create(tx, workspace, id, schedules, now).await?)
}
