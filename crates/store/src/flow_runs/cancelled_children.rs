//! What goes on below runs that were cancelled.

use sluice_wire::ids::{FlowRunId, TaskRunId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Task runs that are not over, of flow runs of every workspace that were cancelled at or after `since`.
pub async fn open_task_runs_of_cancelled(
    tx: &mut Tx,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<(WorkspaceId, TaskRunId)>> {
    let rows = tx
        .query(
            "SELECT task_run.workspace_id, task_run.id FROM flow_run
             JOIN task_run ON task_run.flow_run_id = flow_run.id
             WHERE flow_run.state_type = 'CANCELLED' AND flow_run.state_timestamp >= ?1
                AND task_run.state_type IN ('SCHEDULED', 'PENDING', 'RUNNING', 'PAUSED', 'CANCELLING')
             LIMIT ?2",
            params![since, limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok((columns.take()?, columns.take()?))
        })
        .collect()
}

/// Subflows that are not over, of flow runs of every workspace that were cancelled at or after `since`, and whether
/// each comes from a deployment: then somebody runs it who has to be told, unless that was done.
pub async fn open_subflows_of_cancelled(
    tx: &mut Tx,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<(WorkspaceId, FlowRunId, bool)>> {
    let rows = tx
        .query(
            "SELECT child.workspace_id, child.id, child.deployment_id IS NOT NULL FROM flow_run AS parent
             JOIN task_run ON task_run.flow_run_id = parent.id
             JOIN flow_run AS child ON child.parent_task_run_id = task_run.id
             WHERE parent.state_type = 'CANCELLED' AND parent.state_timestamp >= ?1
                AND (child.state_type IN ('SCHEDULED', 'PENDING', 'RUNNING', 'PAUSED')
                     OR (child.state_type = 'CANCELLING' AND child.deployment_id IS NULL))
             LIMIT ?2",
            params![since, limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok((columns.take()?, columns.take()?, columns.take()?))
        })
        .collect()
}
