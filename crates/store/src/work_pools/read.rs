use sluice_wire::filters::WorkPoolFilter;
use sluice_wire::ids::{WorkPoolId, WorkspaceId};
use sluice_wire::work_pools::WorkPool;

use super::row::{COLUMNS, StoredPool, from_row};
use crate::{Result, Sql, Tx, filters};

/// The pool, if it exists. Its `active_slots` are counted when it has a limit.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: WorkPoolId) -> Result<Option<WorkPool>> {
    let mut sql = Sql::new(tx.dialect(), &format!("SELECT {COLUMNS} FROM work_pool WHERE workspace_id = "));
    sql.bind(workspace).push(" AND id = ").bind(id);
    with_slots(tx, sql).await.map(|pools| pools.into_iter().next())
}

/// The pool of this name, if it exists. Its `active_slots` are counted when it has a limit.
pub async fn read_by_name(tx: &mut Tx, workspace: WorkspaceId, name: &str) -> Result<Option<WorkPool>> {
    let mut sql = Sql::new(tx.dialect(), &format!("SELECT {COLUMNS} FROM work_pool WHERE workspace_id = "));
    sql.bind(workspace).push(" AND name = ").bind(name);
    with_slots(tx, sql).await.map(|pools| pools.into_iter().next())
}

/// The pools that match, by name.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    filter: Option<&WorkPoolFilter>,
    limit: i64,
    offset: i64,
) -> Result<Vec<WorkPool>> {
    let mut sql = Sql::new(tx.dialect(), &format!("SELECT {COLUMNS} FROM work_pool"));
    filters::work_pools::push_where(&mut sql, workspace, filter);
    sql.push(" ORDER BY work_pool.name LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    with_slots(tx, sql).await
}

/// How many pools match.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId, filter: Option<&WorkPoolFilter>) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM work_pool");
    filters::work_pools::push_where(&mut sql, workspace, filter);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}

/// The pool with what only the store looks at, locked until the transaction ends.
pub(super) async fn read_for_update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: WorkPoolId,
) -> Result<Option<StoredPool>> {
    let mut sql = Sql::new(tx.dialect(), &format!("SELECT {COLUMNS} FROM work_pool WHERE workspace_id = "));
    sql.bind(workspace).push(" AND id = ").bind(id).push(tx.dialect().for_update());
    tx.query_sql(sql).await?.into_iter().next().map(from_row).transpose()
}

async fn with_slots(tx: &mut Tx, sql: Sql) -> Result<Vec<WorkPool>> {
    let rows = tx.query_sql(sql).await?;
    let mut pools = rows.into_iter().map(|row| Ok(from_row(row)?.pool)).collect::<Result<Vec<WorkPool>>>()?;
    for pool in pools.iter_mut().filter(|pool| pool.concurrency_limit.is_some()) {
        pool.active_slots = Some(super::slots::taken(tx, pool.id).await?);
    }
    Ok(pools)
}
