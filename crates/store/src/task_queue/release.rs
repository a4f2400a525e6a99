use sluice_wire::ids::{TaskRunId, WorkspaceId};

use crate::{Result, Topic, Tx, params};

/// Gives back a task run that this client was sent and did not acknowledge; it is served before others.
pub async fn release(
    tx: &mut Tx,
    workspace: WorkspaceId,
    task_run_id: TaskRunId,
    client_id: &str,
) -> Result<()> {
    let released = tx
        .execute(
            "UPDATE task_run_queue SET client_id = NULL, delivery_expires = NULL, is_retry = ?4
             WHERE workspace_id = ?1 AND task_run_id = ?2 AND client_id = ?3",
            params![workspace, task_run_id, client_id, true],
        )
        .await?;
    if released > 0 {
        tx.notify(Topic::TaskQueue);
    }
    Ok(())
}
