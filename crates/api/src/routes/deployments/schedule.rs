use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_schedules::{Horizon, plan};
use sluice_store::{StoreError, Tx, deployment_schedules, deployments};
use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::extract::{Id, OptionalBody, Workspace};
use crate::{ApiError, App};

/// Body of `POST /deployments/{id}/schedule`. What is absent is as for the scheduler.
#[derive(Debug, Clone, Deserialize)]
pub struct ScheduleRuns {
    #[serde(default)]
    start_time: Option<Timestamp>,
    #[serde(default)]
    end_time: Option<Timestamp>,
    #[serde(default)]
    min_time: Option<TimeDelta>,
    #[serde(default)]
    min_runs: Option<usize>,
    #[serde(default)]
    max_runs: Option<usize>,
}

/// `POST /deployments/{id}/schedule`: makes the runs of a span of time, which may lie in the past.
pub async fn schedule(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
    OptionalBody(request): OptionalBody<ScheduleRuns>,
) -> Result<Json<()>, ApiError> {
    let now = app.clock.now();
    let start = request.start_time.unwrap_or(now);
    let horizon = Horizon {
        start,
        end: request.end_time.unwrap_or(start + TimeDelta::from_secs(100 * 86_400)),
        min_time: request.min_time.unwrap_or(TimeDelta::from_secs(3_600)),
        min_runs: request.min_runs.unwrap_or(3),
        max_runs: request.max_runs.unwrap_or(100),
    };
    app.store
        .write((workspace, id, horizon, now), |tx, (workspace, id, horizon, now)| {
            Box::pin(schedule_in(tx, *workspace, *id, horizon, *now))
        })
        .await?;
    Ok(Json(()))
}

async fn schedule_in(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    horizon: &Horizon,
    now: Timestamp,
) -> Result<(), ApiError> {
    let Some(stored) = deployments::read(tx, workspace, id).await? else { return Ok(()) };
    for schedule in stored.deployment.schedules.iter().filter(|schedule| schedule.active) {
        let plan = plan(&schedule.schedule, horizon)
            .map_err(|error| StoreError::Corrupt(format!("a stored schedule: {error}")))?;
        deployment_schedules::insert_runs(tx, workspace, &stored, schedule, &plan.dates, true, now).await?;
    }
    Ok(())
}
