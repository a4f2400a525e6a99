use sluice_wire::ids::TaskRunId;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::task_runs::TaskRun;
use sluice_wire::time::Timestamp;

use crate::{Dialect, Result, Sql, Tx, params, task_runs};

/// The next task run of one of these tasks, which is this client's until it acknowledges it, disconnects, or
/// `expires` passes. Retries come first, then what has waited longest. Replicas pass over what another one is
/// about to hand out.
pub async fn reserve(
    tx: &mut Tx,
    workspace: WorkspaceId,
    task_keys: &[String],
    client_id: &str,
    now: Timestamp,
    expires: Timestamp,
) -> Result<Option<TaskRun>> {
    loop {
        let mut sql = Sql::new(tx.dialect(), "SELECT task_run_id FROM task_run_queue WHERE workspace_id = ");
        sql.bind(workspace).push(" AND task_key IN (").bind_list(task_keys);
        sql.push(") AND (client_id IS NULL OR delivery_expires < ").bind(now);
        sql.push(") ORDER BY is_retry DESC, position LIMIT 1");
        sql.push(Dialect::for_update_skip_locked(tx.dialect()));
        let Some(id) = tx.scalar_sql::<TaskRunId>(sql).await? else { return Ok(None) };
        if let Some(run) = task_runs::read(tx, workspace, id, now).await? {
            tx.execute(
                "UPDATE task_run_queue SET client_id = ?3, delivery_expires = ?4
                 WHERE workspace_id = ?1 AND task_run_id = ?2",
                params![workspace, id, client_id, expires],
            )
            .await?;
            return Ok(Some(run));
        }
        // The run was deleted while it waited.
        super::acknowledge(tx, workspace, id).await?;
    }
}

/// Whether a task run of one of these tasks waits that nobody holds.
pub async fn is_waiting(
    tx: &mut Tx,
    workspace: WorkspaceId,
    task_keys: &[String],
    now: Timestamp,
) -> Result<bool> {
    let mut sql = Sql::new(tx.dialect(), "SELECT 1 FROM task_run_queue WHERE workspace_id = ");
    sql.bind(workspace).push(" AND task_key IN (").bind_list(task_keys);
    sql.push(") AND (client_id IS NULL OR delivery_expires < ").bind(now).push(") LIMIT 1");
    Ok(!tx.query_sql(sql).await?.is_empty())
}
