use sluice_wire::ids::{FlowRunId, StateId, WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Row, Tx, params};

/// A run whose cancellation nobody has carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverdueCancellation {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The run.
    pub id: FlowRunId,
    /// Its CANCELLING state.
    pub state_id: Option<StateId>,
    /// What its worker knows the infrastructure by.
    pub infrastructure_pid: Option<String>,
    /// The queue it came from.
    pub work_queue_id: Option<WorkQueueId>,
    /// The pool of the queue, and its type.
    pub work_pool: Option<(WorkPoolId, String)>,
}

/// Runs of every workspace that are CANCELLING since `before` or longer, the oldest first, at most `limit`.
pub async fn overdue_cancellations(
    tx: &mut Tx,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<OverdueCancellation>> {
    let rows = tx
        .query(
            "SELECT flow_run.workspace_id, flow_run.id, flow_run.state_id, flow_run.infrastructure_pid,
                flow_run.work_queue_id, work_pool.id, work_pool.type
             FROM flow_run
             LEFT JOIN work_queue ON work_queue.id = flow_run.work_queue_id
             LEFT JOIN work_pool ON work_pool.id = work_queue.work_pool_id
             WHERE flow_run.state_type = 'CANCELLING' AND flow_run.state_timestamp <= ?1
             ORDER BY flow_run.state_timestamp LIMIT ?2",
            params![before, limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok(OverdueCancellation {
                workspace: columns.take()?,
                id: columns.take()?,
                state_id: columns.take()?,
                infrastructure_pid: columns.take()?,
                work_queue_id: columns.take()?,
                work_pool: columns.take::<Option<WorkPoolId>>()?.zip(columns.take::<Option<String>>()?),
            })
        })
        .collect()
}

/// The id of the run's current state; the row is locked until the transaction ends.
pub async fn state_id_for_update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
) -> Result<Option<StateId>> {
    let rows = tx
        .query_for_update(
            "SELECT state_id FROM flow_run WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    let found: Option<Option<StateId>> = rows.into_iter().next().map(Row::scalar).transpose()?;
    Ok(found.flatten())
}
