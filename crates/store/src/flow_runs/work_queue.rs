use sluice_wire::ids::{WorkQueueId, WorkspaceId};

use crate::{Result, Tx, params};

/// Which queue a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueLookup {
    /// This one; a pool may lack a default queue.
    Found(Option<WorkQueueId>),
    /// The pool or its queue does not exist.
    NotFound,
}

/// The queue of this name in the pool of this name, or the pool's default queue.
pub async fn work_queue_of(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &str,
    queue: Option<&str>,
) -> Result<QueueLookup> {
    let row = match queue {
        Some(queue) => {
            tx.query_first(
                "SELECT work_queue.id FROM work_queue JOIN work_pool ON work_pool.id = work_queue.work_pool_id
                 WHERE work_pool.workspace_id = ?1 AND work_pool.name = ?2 AND work_queue.name = ?3",
                params![workspace, pool, queue],
            )
            .await?
        }
        None => {
            tx.query_first(
                "SELECT default_queue_id FROM work_pool WHERE workspace_id = ?1 AND name = ?2",
                params![workspace, pool],
            )
            .await?
        }
    };
    row.map_or(Ok(QueueLookup::NotFound), |row| row.scalar().map(QueueLookup::Found))
}
