use sluice_wire::deployments::DeploymentStatus;
use sluice_wire::ids::{DeploymentId, WorkQueueId, WorkspaceId};
use sluice_wire::time::{TimeDelta, Timestamp};

use super::{events, read};
use crate::{Result, Sql, Tx, params};

/// Polls that follow each other this closely are noted once: a queue may have thousands of deployments.
const NOTED_EVERY: TimeDelta = TimeDelta::from_secs(15);

/// Whether [`mark_ready`] would change something worth noting.
pub async fn needs_mark(
    tx: &mut Tx,
    workspace: WorkspaceId,
    ids: &[DeploymentId],
    now: Timestamp,
) -> Result<bool> {
    let mut sql = Sql::new(tx.dialect(), "SELECT COUNT(*) FROM deployment WHERE workspace_id = ");
    sql.bind(workspace).push(" AND id IN (").bind_list(ids.iter().copied());
    sql.push(") AND (status = 'NOT_READY' OR last_polled IS NULL OR last_polled <= ");
    sql.bind(now - NOTED_EVERY).push(")");
    Ok(tx.scalar_sql::<i64>(sql).await?.unwrap_or(0) > 0)
}

/// Notes that somebody polls for runs of these deployments. `updated` stays: nothing about them changed. Those that
/// were not ready get an event.
pub async fn mark_ready(
    tx: &mut Tx,
    workspace: WorkspaceId,
    ids: &[DeploymentId],
    now: Timestamp,
) -> Result<()> {
    mark(tx, workspace, "deployment.id", ids.iter().copied(), now).await
}

/// As [`mark_ready`], for every deployment whose runs go to one of these queues.
pub async fn mark_ready_of_queues(
    tx: &mut Tx,
    workspace: WorkspaceId,
    queues: &[WorkQueueId],
    now: Timestamp,
) -> Result<()> {
    mark(tx, workspace, "deployment.work_queue_id", queues.iter().copied(), now).await
}

async fn mark<I: Into<crate::Value>>(
    tx: &mut Tx,
    workspace: WorkspaceId,
    column: &str,
    ids: impl ExactSizeIterator<Item = I>,
    now: Timestamp,
) -> Result<()> {
    if ids.len() == 0 {
        return Ok(());
    }
    let mut sql = Sql::new(tx.dialect(), "SELECT id, status FROM deployment WHERE workspace_id = ");
    sql.bind(workspace).push(" AND ").push(column).push(" IN (").bind_list(ids);
    sql.push(") AND (status <> 'READY' OR last_polled IS NULL OR last_polled <= ").bind(now - NOTED_EVERY);
    // In the order of ids, so that two callers cannot wait for each other.
    sql.push(") ORDER BY id").push(tx.dialect().for_update());
    let mut found = Vec::new();
    for row in tx.query_sql(sql).await? {
        let mut columns = row.columns();
        found.push((columns.take::<DeploymentId>()?, columns.take::<DeploymentStatus>()?));
    }
    let rows = found.iter().map(|(id, _)| params![workspace, *id, now]).collect();
    tx.execute_many(
        "UPDATE deployment SET status = 'READY', last_polled = ?3 WHERE workspace_id = ?1 AND id = ?2",
        rows,
    )
    .await?;
    for (id, status) in found {
        if status == DeploymentStatus::NotReady
            && let Some(stored) = read(tx, workspace, id).await?
        {
            events::status_changed(tx, workspace, &stored, DeploymentStatus::Ready, now).await?;
        }
    }
    Ok(())
}
