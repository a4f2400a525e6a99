use sluice_wire::deployments::DeploymentScheduleUpdate;
use sluice_wire::ids::{DeploymentId, ScheduleId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::start_over;
use crate::{Json, Result, Sql, Topic, Tx, params};

/// Which schedule of a deployment is meant.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// The one with this id.
    Id(ScheduleId),
    /// The one with this slug.
    Slug(&'a str),
}

/// Changes what was sent with a value. Parameters are replaced, by none when none were sent. Returns whether the
/// deployment has the schedule.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    deployment: DeploymentId,
    which: Which<'_>,
    update: &DeploymentScheduleUpdate,
    now: Timestamp,
) -> Result<bool> {
    let mut sql = Sql::new(tx.dialect(), "UPDATE deployment_schedule SET updated = ");
    sql.bind(now).push(", parameters = ").bind(Json(&update.parameters));
    if let Some(active) = update.active {
        sql.push(", active = ").bind(active);
    }
    if let Some(schedule) = &update.schedule {
        sql.push(", schedule = ").bind(Json(schedule));
    }
    if let Some(runs) = update.max_scheduled_runs {
        sql.push(", max_scheduled_runs = ").bind(runs);
    }
    if let Some(slug) = &update.slug {
        sql.push(", slug = ").bind(slug);
    }
    sql.push(" WHERE workspace_id = ").bind(workspace).push(" AND deployment_id = ").bind(deployment);
    match which {
        Which::Id(id) => sql.push(" AND id = ").bind(id),
        Which::Slug(slug) => sql.push(" AND slug = ").bind(slug),
    };
    let changed = tx.execute_sql(sql).await?;
    start_over(tx, workspace, deployment, now).await?;
    tx.notify(Topic::Schedules);
    Ok(changed > 0)
}

/// The schedule of this slug, if the deployment has it.
pub async fn find_by_slug(
    tx: &mut Tx,
    workspace: WorkspaceId,
    deployment: DeploymentId,
    slug: &str,
) -> Result<Option<ScheduleId>> {
    tx.scalar(
        "SELECT id FROM deployment_schedule WHERE workspace_id = ?1 AND deployment_id = ?2 AND slug = ?3",
        params![workspace, deployment, slug],
    )
    .await
}

/// Takes the slugs away from these schedules, so that slugs can change places without two schedules having the same
/// one on the way.
pub async fn clear_slugs(tx: &mut Tx, workspace: WorkspaceId, ids: &[ScheduleId]) -> Result<()> {
    let rows = ids.iter().map(|id| params![workspace, *id]).collect();
    tx.execute_many("UPDATE deployment_schedule SET slug = NULL WHERE workspace_id = ?1 AND id = ?2", rows)
        .await?;
    Ok(())
}
