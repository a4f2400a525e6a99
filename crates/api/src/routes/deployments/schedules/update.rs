use axum::extract::State;
use axum::response::Response;
use sluice_store::Tx;
use sluice_store::deployment_schedules::{self, Which};
use sluice_store::deployments::{WhichRuns, delete_scheduled_runs};
use sluice_wire::deployments::DeploymentScheduleUpdate;
use sluice_wire::ids::{DeploymentId, ScheduleId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::{complete, deployment_must_exist};
use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /deployments/{id}/schedules/{schedule_id}`: future runs of the deployment are made anew.
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id((id, schedule_id)): Id<(DeploymentId, ScheduleId)>,
    Body(mut update): Body<DeploymentScheduleUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    if let Some(schedule) = &mut update.schedule {
        complete(schedule, &["schedule"], now)?;
    }
    let arguments = (workspace, id, schedule_id, update, now);
    app.store
        .write(arguments, |tx, (workspace, id, schedule_id, update, now)| {
            Box::pin(change(tx, *workspace, *id, *schedule_id, update, *now))
        })
        .await?;
    Ok(no_content())
}

async fn change(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    schedule_id: ScheduleId,
    update: &DeploymentScheduleUpdate,
    now: Timestamp,
) -> Result<(), ApiError> {
    deployment_must_exist(tx, workspace, id).await?;
    let which = Which::Id(schedule_id);
    if !deployment_schedules::update(tx, workspace, id, which, update, now).await? {
        return Err(ApiError::not_found("Schedule not found."));
    }
    Ok(delete_scheduled_runs(tx, workspace, id, WhichRuns::FutureAutoScheduled, now).await?)
}
