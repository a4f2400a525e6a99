use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// A run that was to start a while ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverdueRun {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The run.
    pub id: FlowRunId,
    /// When it was to start.
    pub scheduled_time: Timestamp,
}

/// Runs of every workspace that are still named `Scheduled` though they were to start at or before `before`, the
/// oldest first.
pub async fn overdue(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<OverdueRun>> {
    let rows = tx
        .query(
            "SELECT workspace_id, id, next_scheduled_start_time FROM flow_run
             WHERE state_type = 'SCHEDULED' AND state_name = 'Scheduled' AND next_scheduled_start_time <= ?1
             ORDER BY next_scheduled_start_time LIMIT ?2",
            params![before, limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok(OverdueRun {
                workspace: columns.take()?,
                id: columns.take()?,
                scheduled_time: columns.take()?,
            })
        })
        .collect()
}
