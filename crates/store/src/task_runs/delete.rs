use sluice_wire::ids::{TaskRunId, WorkspaceId};

use crate::{Result, Tx, params};

/// Deletes the run with its states; a subflow that it stood for stays. Returns whether it existed. Its logs are in
/// the other database.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, id: TaskRunId) -> Result<bool> {
    for text in [
        "DELETE FROM task_run_queue WHERE workspace_id = ?1 AND task_run_id = ?2",
        "DELETE FROM task_run_state WHERE workspace_id = ?1 AND task_run_id = ?2",
        "UPDATE flow_run SET parent_task_run_id = NULL WHERE workspace_id = ?1 AND parent_task_run_id = ?2",
    ] {
        tx.execute(text, params![workspace, id]).await?;
    }
    let deleted = tx
        .execute("DELETE FROM task_run WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await?;
    Ok(deleted > 0)
}
