use sluice_wire::filters::WorkerFilter;
use sluice_wire::ids::{WorkPoolId, WorkspaceId};
use sluice_wire::workers::{Worker, WorkerStatus};

use crate::{Result, Row, Sql, Tx, filters};

/// The workers of the pool that match, the one heard of last first.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: WorkPoolId,
    filter: Option<&WorkerFilter>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Worker>> {
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT worker.id, worker.created, worker.updated, worker.name, worker.work_pool_id,
                worker.last_heartbeat_time, worker.heartbeat_interval_seconds, worker.status
         FROM worker WHERE worker.work_pool_id = ",
    );
    sql.bind(pool).push(" AND worker.workspace_id = ").bind(workspace);
    if let Some(filter) = filter {
        filters::workers::push(sql.push(" AND "), filter);
    }
    sql.push(" ORDER BY worker.last_heartbeat_time DESC, worker.id LIMIT ").bind(limit);
    sql.push(" OFFSET ").bind(offset);
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

fn from_row(row: Row) -> Result<Worker> {
    let mut columns = row.columns();
    Ok(Worker {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        name: columns.take()?,
        work_pool_id: columns.take()?,
        last_heartbeat_time: columns.take()?,
        heartbeat_interval_seconds: columns.take()?,
        status: match columns.take::<String>()?.as_str() {
            "ONLINE" => WorkerStatus::Online,
            _ => WorkerStatus::Offline,
        },
    })
}
