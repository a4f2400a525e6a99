use sluice_wire::ids::{FlowId, WorkspaceId};

use crate::{Result, Tx, params};

/// Deletes the flow with its deployments and runs; returns whether it existed.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, id: FlowId) -> Result<bool> {
    tx.execute(
        "DELETE FROM task_run WHERE workspace_id = ?1
         AND flow_run_id IN (SELECT id FROM flow_run WHERE workspace_id = ?1 AND flow_id = ?2)",
        params![workspace, id],
    )
    .await?;
    let deleted =
        tx.execute("DELETE FROM flow WHERE workspace_id = ?1 AND id = ?2", params![workspace, id]).await?;
    Ok(deleted > 0)
}
