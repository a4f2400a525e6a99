use sluice_wire::ids::{TaskRunId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Topic, Tx, params};

/// Puts the task run into the queue, or back into it: nobody holds it any more. Retries are served first.
pub async fn push(
    tx: &mut Tx,
    workspace: WorkspaceId,
    task_run_id: TaskRunId,
    is_retry: bool,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "INSERT INTO task_run_queue (workspace_id, task_run_id, task_key, is_retry, queued)
         SELECT workspace_id, id, task_key, ?3, ?4 FROM task_run WHERE workspace_id = ?1 AND id = ?2
         ON CONFLICT (task_run_id) DO UPDATE SET is_retry = excluded.is_retry, queued = excluded.queued,
            client_id = NULL, delivery_expires = NULL",
        params![workspace, task_run_id, is_retry, now],
    )
    .await?;
    tx.notify(Topic::TaskQueue);
    Ok(())
}
