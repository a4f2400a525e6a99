//! Logs of runs that are gone. For the telemetry part.

use sluice_wire::ids::{FlowRunId, TaskRunId, WorkspaceId};

use crate::{Result, Tx, params};

/// Deletes the logs of these flow runs.
pub async fn delete_of_flow_runs(tx: &mut Tx, workspace: WorkspaceId, runs: &[FlowRunId]) -> Result<()> {
    let rows = runs.iter().map(|id| params![workspace, *id]).collect();
    tx.execute_many("DELETE FROM log WHERE workspace_id = ?1 AND flow_run_id = ?2", rows).await?;
    Ok(())
}

/// Deletes the logs of this task run.
pub async fn delete_of_task_run(tx: &mut Tx, workspace: WorkspaceId, run: TaskRunId) -> Result<()> {
    tx.execute("DELETE FROM log WHERE workspace_id = ?1 AND task_run_id = ?2", params![workspace, run])
        .await?;
    Ok(())
}
