use sluice_wire::filters::WorkQueueFilter;
use sluice_wire::ids::{WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::work_queues::WorkQueue;

use super::row::{COLUMNS, FROM, from_row};
use crate::{Result, Sql, Tx, filters, params};

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
        queue.active_slots = Some(slots_taken(tx, queue.id).await?);
    }
    Ok(queues)
}

/// How many runs of the queue are pending or running, which is what its limit counts.
pub(crate) async fn slots_taken(tx: &mut Tx, queue: WorkQueueId) -> Result<i64> {
    let count = tx
        .scalar(
            "SELECT count(*) FROM flow_run WHERE work_queue_id = ?1 AND state_type IN ('PENDING', 'RUNNING')",
            params![queue],
        )
        .await?;
    Ok(count.unwrap_or(0))
}
