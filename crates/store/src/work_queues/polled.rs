use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::time::{TimeDelta, Timestamp};
use sluice_wire::work_queues::{WorkQueue, WorkQueueStatus};

use super::{announce, read};
use crate::{Result, Tx, params, work_pools};

/// Polls that follow each other this closely are noted once: noting each would make every poll a write.
const NOTED_EVERY: TimeDelta = TimeDelta::from_secs(5);

/// Whether [`mark_polled`] would change something.
pub fn needs_mark(queues: &[WorkQueue], now: Timestamp) -> bool {
    queues.iter().any(|queue| is_worth_noting(queue, now))
}

fn is_worth_noting(queue: &WorkQueue, now: Timestamp) -> bool {
    queue.status == Some(WorkQueueStatus::NotReady)
        || queue.last_polled.is_none_or(|polled| now.since(polled) >= NOTED_EVERY)
}

/// Notes that the queues were polled; those that were NOT_READY become READY, which is told by an event.
pub async fn mark_polled(
    tx: &mut Tx,
    workspace: WorkspaceId,
    queues: &[WorkQueue],
    now: Timestamp,
) -> Result<()> {
    for queue in queues.iter().filter(|queue| is_worth_noting(queue, now)) {
        mark(tx, workspace, queue, now).await?;
    }
    Ok(())
}

async fn mark(tx: &mut Tx, workspace: WorkspaceId, queue: &WorkQueue, now: Timestamp) -> Result<()> {
    let became_ready = tx
        .execute(
            "UPDATE work_queue SET last_polled = ?3, status = 'READY'
             WHERE workspace_id = ?1 AND id = ?2 AND status = 'NOT_READY'",
            params![workspace, queue.id, now],
        )
        .await?;
    if became_ready == 0 {
        tx.execute(
            "UPDATE work_queue SET last_polled = ?3 WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, queue.id, now],
        )
        .await?;
        return Ok(());
    }
    let mut ready = queue.clone();
    ready.status = Some(WorkQueueStatus::Ready);
    let Some(pool_id) = queue.work_pool_id else { return Ok(()) };
    match work_pools::read(tx, workspace, pool_id).await? {
        Some(pool) => announce::status(tx, workspace, &ready, &pool, now).await,
        None => Ok(()),
    }
}

/// Queues of any workspace that are READY although nobody polled them since `before`, at most `limit`.
pub async fn not_polled_since(
    tx: &mut Tx,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<(WorkspaceId, WorkQueueId)>> {
    let rows = tx
        .query(
            "SELECT workspace_id, id FROM work_queue
             WHERE status = 'READY' AND (last_polled IS NULL OR last_polled < ?1) LIMIT ?2",
            params![before, limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok((columns.take()?, columns.take()?))
        })
        .collect()
}

/// Sets the queue NOT_READY, which is told by an event, unless it was polled after `before`.
pub async fn mark_not_ready(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: WorkQueueId,
    before: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let changed = tx
        .execute(
            "UPDATE work_queue SET status = 'NOT_READY', updated = ?4
             WHERE workspace_id = ?1 AND id = ?2 AND status = 'READY'
               AND (last_polled IS NULL OR last_polled < ?3)",
            params![workspace, id, before, now],
        )
        .await?;
    if changed == 0 {
        return Ok(());
    }
    let Some(queue) = read(tx, workspace, id).await? else { return Ok(()) };
    let Some(pool_id) = queue.work_pool_id else { return Ok(()) };
    match work_pools::read(tx, workspace, pool_id).await? {
        Some(pool) => announce::status(tx, workspace, &queue, &pool, now).await,
        None => Ok(()),
    }
}
