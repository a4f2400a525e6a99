use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::states::State;

use crate::{Result, Row, Tx, params};

/// A state of any flow run, if it exists.
pub async fn read_state(tx: &mut Tx, workspace: WorkspaceId, id: StateId) -> Result<Option<RawJson>> {
    tx.scalar("SELECT state FROM flow_run_state WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await
}

/// The states of a flow run, the oldest first.
pub async fn read_states(
    tx: &mut Tx,
    workspace: WorkspaceId,
    flow_run_id: FlowRunId,
) -> Result<Vec<RawJson>> {
    tx.query(
        "SELECT state FROM flow_run_state WHERE workspace_id = ?1 AND flow_run_id = ?2 ORDER BY timestamp",
        params![workspace, flow_run_id],
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
    flow_run_id: FlowRunId,
    state: &State,
    json: Option<RawJson>,
) -> Result<()> {
    tx.execute(
        "INSERT INTO flow_run_state (id, workspace_id, flow_run_id, timestamp, type, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![state.id, workspace, flow_run_id, state.timestamp, state.r#type, json],
    )
    .await?;
    Ok(())
}
