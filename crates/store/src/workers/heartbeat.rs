use sluice_wire::ids::{WorkPoolId, WorkerId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::{WorkPool, WorkPoolStatus};

use crate::{Result, Tx, params, work_pools};

/// Notes that the worker lives; its pool becomes READY unless it is paused. `interval_seconds`: how often the
/// worker says that it will be heard of.
pub async fn heartbeat(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &WorkPool,
    name: &str,
    interval_seconds: Option<i64>,
    now: Timestamp,
) -> Result<()> {
    record(tx, workspace, pool.id, name, interval_seconds, now).await?;
    if pool.status == Some(WorkPoolStatus::NotReady) {
        work_pools::set_status(tx, workspace, pool.id, WorkPoolStatus::Ready, now).await?;
    }
    Ok(())
}

async fn record(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: WorkPoolId,
    name: &str,
    interval_seconds: Option<i64>,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "INSERT INTO worker (id, workspace_id, created, updated, name, last_heartbeat_time, work_pool_id,
                             heartbeat_interval_seconds, status)
         VALUES (?1, ?2, ?3, ?3, ?4, ?3, ?5, ?6, 'ONLINE')
         ON CONFLICT (work_pool_id, name) DO UPDATE SET
             updated = excluded.updated,
             last_heartbeat_time = excluded.last_heartbeat_time,
             heartbeat_interval_seconds =
                 COALESCE(excluded.heartbeat_interval_seconds, worker.heartbeat_interval_seconds),
             status = excluded.status",
        params![WorkerId::random(), workspace, now, name, pool, interval_seconds],
    )
    .await?;
    Ok(())
}
