//! Inputs of flow runs.

use sluice_wire::flow_runs::{FlowRunInput, FlowRunInputCreate, FlowRunInputFilter};
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use crate::{Dialect, Result, Row, Sql, StoreError, Tx, params};

/// Stores an input; returns whether the key was free.
///
/// # Errors
/// [`StoreError::ForeignKey`] when the flow run does not exist.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    flow_run_id: FlowRunId,
    input: &FlowRunInputCreate,
    now: Timestamp,
) -> Result<bool> {
    let flow_run: Option<FlowRunId> = tx
        .scalar(
            "SELECT id FROM flow_run WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, flow_run_id],
        )
        .await?;
    if flow_run.is_none() {
        return Err(StoreError::ForeignKey(format!("there is no flow run {flow_run_id}")));
    }
    let inserted = tx
        .execute(
            "INSERT INTO flow_run_input (id, workspace_id, created, updated, flow_run_id, key, value, sender)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (flow_run_id, key) DO NOTHING",
            params![
                Uuid::now_v7(),
                workspace,
                now,
                flow_run_id,
                &input.key,
                &input.value,
                input.sender.as_ref(),
            ],
        )
        .await?;
    Ok(inserted > 0)
}

/// The value of an input, if it exists.
pub async fn read(
    tx: &mut Tx,
    workspace: WorkspaceId,
    flow_run_id: FlowRunId,
    key: &str,
) -> Result<Option<String>> {
    tx.scalar(
        "SELECT value FROM flow_run_input WHERE workspace_id = ?1 AND flow_run_id = ?2 AND key = ?3",
        params![workspace, flow_run_id, key],
    )
    .await
}

/// The inputs whose key begins like this, the oldest first.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    flow_run_id: FlowRunId,
    filter: &FlowRunInputFilter,
) -> Result<Vec<FlowRunInput>> {
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT id, created, updated, flow_run_id, key, value, sender FROM flow_run_input WHERE workspace_id = ",
    );
    sql.bind(workspace).push(" AND flow_run_id = ").bind(flow_run_id);
    let beginning = match sql.dialect() {
        Dialect::Sqlite => " AND substr(key, 1, length(",
        Dialect::Postgres => " AND left(key, length(",
    };
    sql.push(beginning).bind(&filter.prefix).push(")) = ").bind(&filter.prefix);
    if !filter.exclude_keys.is_empty() {
        sql.push(" AND key NOT IN (").bind_list(&filter.exclude_keys).push(")");
    }
    sql.push(" ORDER BY created, id LIMIT ").bind(filter.limit.max(0));
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

/// Deletes an input; returns whether it existed.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, flow_run_id: FlowRunId, key: &str) -> Result<bool> {
    let deleted = tx
        .execute(
            "DELETE FROM flow_run_input WHERE workspace_id = ?1 AND flow_run_id = ?2 AND key = ?3",
            params![workspace, flow_run_id, key],
        )
        .await?;
    Ok(deleted > 0)
}

fn from_row(row: Row) -> Result<FlowRunInput> {
    let mut columns = row.columns();
    Ok(FlowRunInput {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        flow_run_id: columns.take()?,
        key: columns.take()?,
        value: columns.take()?,
        sender: columns.take()?,
    })
}
