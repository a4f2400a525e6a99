use sluice_wire::deployments::{DeploymentSchedule, DeploymentScheduleCreate};
use sluice_wire::ids::{DeploymentId, ScheduleId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::time::{TimeDelta, Timestamp};

use super::start_over;
use crate::{Json, Result, StoreError, Topic, Tx, params};

/// Adds schedules to the deployment; returns them in the order given. Each is a microsecond younger than the one
/// before it, so that the order survives in `updated`.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    deployment: DeploymentId,
    schedules: &[DeploymentScheduleCreate],
    now: Timestamp,
) -> Result<Vec<DeploymentSchedule>> {
    if schedules.is_empty() {
        return Ok(Vec::new());
    }
    let mut created = Vec::with_capacity(schedules.len());
    let mut time = now;
    for schedule in schedules {
        created.push(DeploymentSchedule {
            id: ScheduleId::random(),
            created: time,
            updated: time,
            deployment_id: Some(deployment),
            schedule: schedule.schedule.clone(),
            active: schedule.active,
            max_scheduled_runs: schedule.max_scheduled_runs,
            parameters: RawJson::from_value(&schedule.parameters)
                .map_err(|error| StoreError::Internal(error.to_string()))?,
            slug: schedule.slug.clone(),
        });
        time = time + TimeDelta::from_micros(1);
    }
    let rows = created
        .iter()
        .map(|schedule| {
            params![
                schedule.id,
                workspace,
                schedule.created,
                deployment,
                Json(&schedule.schedule),
                schedule.active,
                schedule.max_scheduled_runs,
                &schedule.parameters,
                schedule.slug.as_ref(),
            ]
        })
        .collect();
    tx.execute_many(
        "INSERT INTO deployment_schedule (id, workspace_id, created, updated, deployment_id, schedule, active,
         max_scheduled_runs, parameters, slug) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        rows,
    )
    .await?;
    start_over(tx, workspace, deployment, now).await?;
    tx.notify(Topic::Schedules);
    Ok(created)
}
