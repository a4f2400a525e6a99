use sluice_wire::ids::{TaskRunId, WorkspaceId};

use crate::{Result, Tx, params};

/// Takes the task run out of the queue: its client has it.
pub async fn acknowledge(tx: &mut Tx, workspace: WorkspaceId, task_run_id: TaskRunId) -> Result<()> {
    tx.execute(
        "DELETE FROM task_run_queue WHERE workspace_id = ?1 AND task_run_id = ?2",
        params![workspace, task_run_id],
    )
    .await?;
    Ok(())
}
