use sluice_wire::ids::{ConcurrencyLimitId, WorkspaceId};

use super::row::{COLUMNS, LimitRow, from_row};
use crate::{Result, Sql, Tx};

/// How a limit is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// By its id.
    Id(ConcurrencyLimitId),
    /// By its name.
    Name(String),
}

impl Key {
    /// An id when it looks like one, else a name.
    pub fn parse(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Id)
    }
}

fn select(tx: &Tx, workspace: WorkspaceId) -> Sql {
    let mut sql =
        Sql::new(tx.dialect(), &format!("SELECT {COLUMNS} FROM concurrency_limit WHERE workspace_id = "));
    sql.bind(workspace);
    sql
}

fn push_key(sql: &mut Sql, key: &Key) {
    match key {
        Key::Id(id) => sql.push(" AND id = ").bind(*id),
        Key::Name(name) => sql.push(" AND name = ").bind(name),
    };
}

async fn rows(tx: &mut Tx, sql: Sql) -> Result<Vec<LimitRow>> {
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

/// The limit, if it exists.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, key: &Key) -> Result<Option<LimitRow>> {
    let mut sql = select(tx, workspace);
    push_key(&mut sql, key);
    Ok(rows(tx, sql).await?.into_iter().next())
}

/// The limit, if it exists, locked until the transaction ends.
pub async fn read_for_update(tx: &mut Tx, workspace: WorkspaceId, key: &Key) -> Result<Option<LimitRow>> {
    let mut sql = select(tx, workspace);
    push_key(&mut sql, key);
    sql.push(tx.dialect().for_update());
    Ok(rows(tx, sql).await?.into_iter().next())
}

/// The limits that exist of these names, in the order of their ids, locked until the transaction ends.
pub async fn by_names_for_update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    names: &[String],
) -> Result<Vec<LimitRow>> {
    let mut sql = select(tx, workspace);
    sql.push(" AND name IN (").bind_list(names).push(") ORDER BY id").push(tx.dialect().for_update());
    rows(tx, sql).await
}

/// All limits, by name.
pub async fn filter(tx: &mut Tx, workspace: WorkspaceId, limit: i64, offset: i64) -> Result<Vec<LimitRow>> {
    let mut sql = select(tx, workspace);
    sql.push(" ORDER BY name LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    rows(tx, sql).await
}

/// The limits whose name begins with `prefix`, by name.
pub async fn of_prefix(
    tx: &mut Tx,
    workspace: WorkspaceId,
    prefix: &str,
    limit: i64,
    offset: i64,
) -> Result<Vec<LimitRow>> {
    let mut sql = select(tx, workspace);
    let length = i64::try_from(prefix.chars().count()).unwrap_or(0);
    sql.push(" AND substr(name, 1, CAST(").bind(length).push(" AS integer)) = ").bind(prefix);
    sql.push(" ORDER BY name LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    rows(tx, sql).await
}
