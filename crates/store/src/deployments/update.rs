use sluice_wire::deployments::{DeploymentScheduleCreate, DeploymentUpdate};
use sluice_wire::ids::{DeploymentId, WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::changes::{self, Assignments};
use super::delete_scheduled_runs::{WhichRuns, delete_scheduled_runs};
use super::{concurrency_limit, events, read};
use crate::{Result, Sql, Topic, Tx, Value, deployment_schedules};

/// What an update does to the queue that the deployment's runs go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkQueueChange {
    /// It stays.
    Keep,
    /// Runs go to no queue.
    Clear,
    /// Runs go to this queue.
    Set(WorkQueueId),
}

/// Changes what was sent and deletes the future scheduled runs, which were made from the old values. `schedules`
/// replaces the schedules when it is given. Returns whether the deployment exists.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    update: &DeploymentUpdate,
    work_queue: WorkQueueChange,
    schedules: Option<&[DeploymentScheduleCreate]>,
    now: Timestamp,
) -> Result<bool> {
    let Some(before) = read(tx, workspace, id).await? else { return Ok(false) };
    let mut assignments = changes::of_update(update);
    match work_queue {
        WorkQueueChange::Keep => {}
        WorkQueueChange::Clear => assignments.push(("work_queue_id", Value::Null)),
        WorkQueueChange::Set(queue) => assignments.push(("work_queue_id", queue.into())),
    }
    set_columns(tx, workspace, id, assignments, now).await?;
    delete_scheduled_runs(tx, workspace, id, WhichRuns::FutureAutoScheduled, now).await?;
    if let Some(schedules) = schedules {
        deployment_schedules::delete_all(tx, workspace, id).await?;
        deployment_schedules::create(tx, workspace, id, schedules, now).await?;
    }
    if update.concurrency_limit.is_set() {
        concurrency_limit::set(tx, workspace, id, update.concurrency_limit.value().copied(), now).await?;
    }
    if let Some(after) = read(tx, workspace, id).await? {
        events::updated(tx, workspace, &before, &after, now).await?;
    }
    tx.notify(Topic::Schedules);
    Ok(true)
}

pub(super) async fn set_columns(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    assignments: Assignments,
    now: Timestamp,
) -> Result<()> {
    let mut sql = Sql::new(tx.dialect(), "UPDATE deployment SET updated = ");
    sql.bind(now);
    for (column, value) in assignments {
        sql.push(", ").push(column).push(" = ").bind(value);
    }
    sql.push(" WHERE workspace_id = ").bind(workspace).push(" AND id = ").bind(id);
    tx.execute_sql(sql).await?;
    Ok(())
}
