use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::{announce, priorities, read};
use crate::{Result, Tx, params, work_pools};

/// What became of a request to delete a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// The queue is gone.
    Done,
    /// There was no such queue.
    NotFound,
    /// A pool's default queue stays as long as the pool.
    IsDefaultQueue,
}

/// Deletes the queue unless it is its pool's default; its runs and deployments stay, without a queue.
pub async fn delete(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: WorkQueueId,
    now: Timestamp,
) -> Result<Deletion> {
    let Some(queue) = read(tx, workspace, id).await? else { return Ok(Deletion::NotFound) };
    let Some(pool_id) = queue.work_pool_id else { return Ok(Deletion::NotFound) };
    let Some(pool) = work_pools::read(tx, workspace, pool_id).await? else { return Ok(Deletion::NotFound) };
    if pool.default_queue_id == Some(id) {
        return Ok(Deletion::IsDefaultQueue);
    }
    announce::life(tx, workspace, &queue, &pool, "deleted", now).await?;
    tx.execute("DELETE FROM work_queue WHERE workspace_id = ?1 AND id = ?2", params![workspace, id]).await?;
    priorities::arrange(tx, pool_id, None).await?;
    Ok(Deletion::Done)
}
