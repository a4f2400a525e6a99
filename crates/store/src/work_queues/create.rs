use sluice_wire::ids::{WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::numbers::{NonNegative, Positive};
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::WorkPool;
use sluice_wire::work_queues::{WorkQueue, WorkQueueCreate};

use super::{announce, priorities, read};
use crate::{Result, Row, StoreError, Tx, params};

/// Creates a queue in the pool. Without a priority it gets the first that is free; with one, the queues from
/// there on move back. [`StoreError::Unique`] when the pool has a queue of this name.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &WorkPool,
    queue: &WorkQueueCreate,
    now: Timestamp,
) -> Result<WorkQueue> {
    insert(tx, workspace, pool, WorkQueueId::random(), queue, now).await
}

/// As [`create`], with the id given.
pub(crate) async fn insert(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &WorkPool,
    id: WorkQueueId,
    queue: &WorkQueueCreate,
    now: Timestamp,
) -> Result<WorkQueue> {
    let priority = match queue.priority {
        Some(priority) => priority.get(),
        None => first_free_priority(tx, pool.id).await?,
    };
    tx.execute(
        "INSERT INTO work_queue (id, workspace_id, created, updated, name, filter, description, is_paused,
                                 concurrency_limit, priority, work_pool_id, status)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'NOT_READY')",
        params![
            id,
            workspace,
            now,
            &*queue.name,
            queue.filter.as_ref(),
            queue.description.as_deref().unwrap_or_default(),
            queue.is_paused,
            queue.concurrency_limit.map(NonNegative::get),
            priority,
            pool.id,
        ],
    )
    .await?;
    if let Some(priority) = queue.priority.map(Positive::get) {
        priorities::arrange(tx, pool.id, Some((id, priority))).await?;
    }
    let created = read(tx, workspace, id)
        .await?
        .ok_or_else(|| StoreError::Internal("the work queue is gone again".to_owned()))?;
    announce::life(tx, workspace, &created, pool, "created", now).await?;
    Ok(created)
}

async fn first_free_priority(tx: &mut Tx, pool: WorkPoolId) -> Result<i64> {
    let rows = tx
        .query("SELECT priority FROM work_queue WHERE work_pool_id = ?1 ORDER BY priority", params![pool])
        .await?;
    let taken = rows.into_iter().map(Row::scalar).collect::<Result<Vec<i64>>>()?;
    Ok(first_free(&taken))
}

/// The smallest number from 1 on that is not in the sorted list.
fn first_free(taken: &[i64]) -> i64 {
    taken.iter().fold(1, |free, priority| if *priority == free { free + 1 } else { free })
}

#[cfg(test)]
mod tests {
    use super::first_free;

    #[test]
    fn a_queue_gets_the_first_priority_that_is_free() {
        for (taken, expected) in
            [(vec![], 1), (vec![1], 2), (vec![1, 3], 2), (vec![2], 1), (vec![1, 2, 3], 4)]
        {
            assert_eq!(first_free(&taken), expected, "{taken:?}");
        }
    }
}
