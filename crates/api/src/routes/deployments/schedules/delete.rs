use axum::extract::State;
use axum::response::Response;
use sluice_store::deployments::{WhichRuns, delete_scheduled_runs};
use sluice_store::{Tx, deployment_schedules};
use sluice_wire::ids::{DeploymentId, ScheduleId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::deployment_must_exist;
use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /deployments/{id}/schedules/{schedule_id}`: what the scheduler made for the deployment and nobody started
/// is deleted too.
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id((id, schedule_id)): Id<(DeploymentId, ScheduleId)>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, id, schedule_id, now), |tx, (workspace, id, schedule_id, now)| {
            Box::pin(remove(tx, *workspace, *id, *schedule_id, *now))
        })
        .await?;
    Ok(no_content())
}

async fn remove(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    schedule_id: ScheduleId,
    now: Timestamp,
) -> Result<(), ApiError> {
    deployment_must_exist(tx, workspace, id).await?;
    if !deployment_schedules::delete(tx, workspace, id, schedule_id).await? {
        return Err(ApiError::not_found("Schedule not found."));
    }
    Ok(delete_scheduled_runs(tx, workspace, id, WhichRuns::AutoScheduled, now).await?)
}
