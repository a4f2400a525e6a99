use sluice_wire::ids::{TaskRunId, WorkspaceId};
use sluice_wire::task_runs::TaskRun;
use sluice_wire::time::Timestamp;

use super::columns::{from_row, select_task_runs, take};
use crate::{Result, Tx, params};

/// The task run, if it exists.
pub async fn read(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: TaskRunId,
    now: Timestamp,
) -> Result<Option<TaskRun>> {
    tx.query_first(
        select_task_runs!("WHERE task_run.workspace_id = ?1 AND task_run.id = ?2"),
        params![workspace, id],
    )
    .await?
    .map(|row| from_row(row, now))
    .transpose()
}

/// The task run, if it exists, and the name of its flow run.
pub async fn read_with_flow_run_name(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: TaskRunId,
    now: Timestamp,
) -> Result<Option<(TaskRun, Option<String>)>> {
    let row = tx
        .query_first(
            select_task_runs!(with ", flow_run.name"
                "LEFT JOIN flow_run ON flow_run.workspace_id = task_run.workspace_id AND flow_run.id = task_run.flow_run_id
                 WHERE task_run.workspace_id = ?1 AND task_run.id = ?2"),
            params![workspace, id],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = row.columns();
    Ok(Some((take(&mut columns, now)?, columns.take()?)))
}
