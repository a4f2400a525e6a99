use sluice_wire::ids::{FlowId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::read;
use crate::{Result, Tx, params};

/// Deletes the flow with its deployments and runs; returns whether it existed.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, id: FlowId, now: Timestamp) -> Result<bool> {
    let Some(flow) = read(tx, workspace, id).await? else { return Ok(false) };
    push_event(tx, workspace, "deleted", &flow, now).await?;
    tx.execute(
        "DELETE FROM task_run WHERE workspace_id = ?1
         AND flow_run_id IN (SELECT id FROM flow_run WHERE workspace_id = ?1 AND flow_id = ?2)",
        params![workspace, id],
    )
    .await?;
    tx.execute("DELETE FROM flow WHERE workspace_id = ?1 AND id = ?2", params![workspace, id]).await?;
    Ok(true)
}
