use sluice_wire::ids::{TaskRunId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Keeps a task run for the client that was sent it, until `expires`.
pub async fn hold(
    tx: &mut Tx,
    workspace: WorkspaceId,
    task_run_id: TaskRunId,
    client_id: &str,
    expires: Timestamp,
) -> Result<()> {
    tx.execute(
        "UPDATE task_run_queue SET delivery_expires = ?4
         WHERE workspace_id = ?1 AND task_run_id = ?2 AND client_id = ?3",
        params![workspace, task_run_id, client_id, expires],
    )
    .await?;
    Ok(())
}
