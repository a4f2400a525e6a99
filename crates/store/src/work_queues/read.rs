use sluice_wire::filters::WorkQueueFilter;
use sluice_wire::ids::{WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::work_queues::WorkQueue;

use super::row::{COLUMNS, FROM, from_row};
use super::slot_holders::{SlotStates, count_slot_holders};
use crate::{Result, Sql, Tx, filters, params, work_pools};

/// The queue, if it exists. Its `active_slots` are counted when it has a limit.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: WorkQueueId) -> Result<Option<WorkQueue>> {
    let mut sql = select(tx, workspace);
    sql.push(" AND work_queue.id = ").bind(id);
    with_slots(tx, sql).await.map(|queues| queues.into_iter().next())
}

/// The queue of this name in the pool, if it exists.
pub async fn read_by_name(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: WorkPoolId,
    name: &str,
) -> Result<Option<WorkQueue>> {
    let mut sql = select(tx, workspace);
    sql.push(" AND work_queue.work_pool_id = ").bind(pool).push(" AND work_queue.name = ").bind(name);
    with_slots(tx, sql).await.map(|queues| queues.into_iter().next())
}

/// The queue of this name in the pool of queues that name none; while there is no such pool, of any pool.
pub async fn read_without_pool(tx: &mut Tx, workspace: WorkspaceId, name: &str) -> Result<Option<WorkQueue>> {
    if let Some(pool) = work_pools::read_by_name(tx, workspace, work_pools::DEFAULT_AGENT_POOL).await? {
        return read_by_name(tx, workspace, pool.id, name).await;
    }
    let mut sql = select(tx, workspace);
    sql.push(" AND work_queue.name = ")
        .bind(name)
        .push(" ORDER BY work_queue.created, work_queue.id LIMIT 1");
    with_slots(tx, sql).await.map(|queues| queues.into_iter().next())
}

/// All queues of the pool, by priority.
pub async fn of_pool(tx: &mut Tx, workspace: WorkspaceId, pool: WorkPoolId) -> Result<Vec<WorkQueue>> {
    let mut sql = select(tx, workspace);
    sql.push(" AND work_queue.work_pool_id = ")
        .bind(pool)
        .push(" ORDER BY work_queue.priority, work_queue.id");
    with_slots(tx, sql).await
}

/// The queues that match: those of one pool by priority, those of all pools by name.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: Option<WorkPoolId>,
    filter: Option<&WorkQueueFilter>,
    limit: i64,
    offset: i64,
) -> Result<Vec<WorkQueue>> {
    let mut sql = Sql::new(tx.dialect(), &format!("SELECT {COLUMNS} FROM {FROM}"));
    filters::work_queues::push_where(&mut sql, workspace, filter);
    match pool {
        Some(pool) => {
            sql.push(" AND work_queue.work_pool_id = ").bind(pool);
            sql.push(" ORDER BY work_queue.priority, work_queue.id");
        }
        None => {
            sql.push(" ORDER BY work_queue.name, work_queue.id");
        }
    }
    sql.push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    with_slots(tx, sql).await
}

/// How many queues the pool has.
pub async fn count_of_pool(tx: &mut Tx, workspace: WorkspaceId, pool: WorkPoolId) -> Result<i64> {
    let count = tx
        .scalar(
            "SELECT count(*) FROM work_queue WHERE workspace_id = ?1 AND work_pool_id = ?2",
            params![workspace, pool],
        )
        .await?;
    Ok(count.unwrap_or(0))
}

fn select(tx: &Tx, workspace: WorkspaceId) -> Sql {
    let mut sql =
        Sql::new(tx.dialect(), &format!("SELECT {COLUMNS} FROM {FROM} WHERE work_queue.workspace_id = "));
    sql.bind(workspace);
    sql
}

async fn with_slots(tx: &mut Tx, sql: Sql) -> Result<Vec<WorkQueue>> {
    let rows = tx.query_sql(sql).await?;
    let mut queues = rows.into_iter().map(from_row).collect::<Result<Vec<_>>>()?;
    for queue in queues.iter_mut().filter(|queue| queue.concurrency_limit.is_some()) {
        queue.active_slots = Some(count_slot_holders(tx, queue.id, SlotStates::OfPools).await?);
    }
    Ok(queues)
}
