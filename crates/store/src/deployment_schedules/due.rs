use sluice_wire::deployments::DeploymentSchedule;
use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::{from_row, insert_runs};
use crate::{Dialect, Result, Row, Tx, deployments, params};

/// A schedule that the scheduler has to look at, as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The schedule.
    pub schedule: DeploymentSchedule,
    /// Every date up to this has its run.
    pub scheduled_through: Option<Timestamp>,
    next_scheduling_at: Option<Timestamp>,
    deployment_updated: Timestamp,
}

/// Schedules of every workspace whose time has come, the most overdue first, at most `limit`.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Due>> {
    let rows = tx
        .query(
            "SELECT deployment_schedule.workspace_id, deployment_schedule.scheduled_through,
                deployment_schedule.next_scheduling_at, deployment.updated, deployment_schedule.id,
                deployment_schedule.created, deployment_schedule.updated, deployment_schedule.deployment_id,
                deployment_schedule.schedule, deployment_schedule.active, deployment_schedule.max_scheduled_runs,
                deployment_schedule.parameters, deployment_schedule.slug
             FROM deployment_schedule JOIN deployment ON deployment.id = deployment_schedule.deployment_id
             WHERE deployment_schedule.next_scheduling_at IS NOT NULL
                AND deployment_schedule.next_scheduling_at <= ?1
             ORDER BY deployment_schedule.next_scheduling_at LIMIT ?2",
            params![now, limit],
        )
        .await?;
    rows.into_iter().map(due_from_row).collect()
}

fn due_from_row(row: Row) -> Result<Due> {
    let mut columns = row.columns();
    Ok(Due {
        workspace: columns.take()?,
        scheduled_through: columns.take()?,
        next_scheduling_at: columns.take()?,
        deployment_updated: columns.take()?,
        schedule: from_row(columns.rest())?,
    })
}

/// When the next schedule is due; `None`: none ever is.
pub async fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let next: Option<Option<Timestamp>> = tx
        .scalar(
            "SELECT MIN(next_scheduling_at) FROM deployment_schedule WHERE next_scheduling_at IS NOT NULL",
            params![],
        )
        .await?;
    Ok(next.flatten())
}

/// Makes the runs of `dates`, and notes up to where there are runs and when to look again (`None`: never). Does
/// nothing when the schedule or its deployment was changed since it was found; returns how many runs are new.
pub async fn commit_plan(
    tx: &mut Tx,
    due: &Due,
    dates: &[Timestamp],
    next_scheduling_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<usize> {
    let workspace = due.workspace;
    let Some(deployment) = due.schedule.deployment_id else { return Ok(0) };
    if !is_unchanged(tx, due, deployment).await? {
        return Ok(0);
    }
    let Some(stored) = deployments::read(tx, workspace, deployment).await? else { return Ok(0) };
    let inserted = insert_runs(tx, workspace, &stored, &due.schedule, dates, true, now).await?;
    tx.execute(
        "UPDATE deployment_schedule SET scheduled_through = ?3, next_scheduling_at = ?4
         WHERE workspace_id = ?1 AND id = ?2",
        params![
            workspace,
            due.schedule.id,
            dates.last().copied().max(due.scheduled_through),
            next_scheduling_at
        ],
    )
    .await?;
    Ok(inserted.len())
}

/// Locks both rows. The deployment comes first, as in every change of a deployment.
async fn is_unchanged(tx: &mut Tx, due: &Due, deployment: DeploymentId) -> Result<bool> {
    let text = match tx.dialect() {
        Dialect::Sqlite => "SELECT updated, paused FROM deployment WHERE workspace_id = ?1 AND id = ?2",
        Dialect::Postgres => {
            "SELECT updated, paused FROM deployment WHERE workspace_id = ?1 AND id = ?2 FOR NO KEY UPDATE"
        }
    };
    let Some(row) = tx.query_first(text, params![due.workspace, deployment]).await? else { return Ok(false) };
    let mut columns = row.columns();
    let (deployment_updated, is_paused): (Timestamp, bool) = (columns.take()?, columns.take()?);
    let rows = tx
        .query_for_update(
            "SELECT updated, scheduled_through, next_scheduling_at, active FROM deployment_schedule
             WHERE workspace_id = ?1 AND id = ?2",
            params![due.workspace, due.schedule.id],
        )
        .await?;
    let Some(row) = rows.into_iter().next() else { return Ok(false) };
    let mut columns = row.columns();
    let updated: Timestamp = columns.take()?;
    let scheduled_through: Option<Timestamp> = columns.take()?;
    let next_scheduling_at: Option<Timestamp> = columns.take()?;
    let is_active: bool = columns.take()?;
    Ok(!is_paused
        && is_active
        && deployment_updated == due.deployment_updated
        && updated == due.schedule.updated
        && scheduled_through == due.scheduled_through
        && next_scheduling_at == due.next_scheduling_at)
}
