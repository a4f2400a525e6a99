use sluice_wire::ids::{StateId, TaskRunId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::states::State;

use crate::{Result, Row, Tx, params};

/// A state of any task run, if it exists.
pub async fn read_state(tx: &mut Tx, workspace: WorkspaceId, id: StateId) -> Result<Option<RawJson>> {
    tx.scalar("SELECT state FROM task_run_state WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await
}

/// The states of a task run, the oldest first.
pub async fn read_states(
    tx: &mut Tx,
    workspace: WorkspaceId,
    task_run_id: TaskRunId,
) -> Result<Vec<RawJson>> {
    tx.query(
        "SELECT state FROM task_run_state WHERE workspace_id = ?1 AND task_run_id = ?2 ORDER BY timestamp, id",
        params![workspace, task_run_id],
    )
    .await?
    .into_iter()
    .map(Row::scalar)
    .collect()
}

/// Keeps a state in the run's history; `json` is the state as it travels.
pub(super) async fn insert_state(
    tx: &mut Tx,
    workspace: WorkspaceId,
    task_run_id: TaskRunId,
    state: &State,
    json: Option<RawJson>,
) -> Result<()> {
    tx.execute(
        "INSERT INTO task_run_state (id, workspace_id, task_run_id, timestamp, type, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![state.id, workspace, task_run_id, state.timestamp, state.r#type, json],
    )
    .await?;
    Ok(())
}
