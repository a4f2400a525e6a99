use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// When runs wait in some queues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DueRuns {
    /// Whether one is due by now.
    pub is_any_due: bool,
    /// When the next one is due after that.
    pub next: Option<Timestamp>,
}

/// Whether runs wait in `queues`, and when the next will. Reads at most two entries of an index for each queue.
pub async fn due_runs(
    tx: &mut Tx,
    workspace: WorkspaceId,
    queues: &[WorkQueueId],
    now: Timestamp,
) -> Result<DueRuns> {
    let mut found = DueRuns::default();
    for queue in queues {
        if !found.is_any_due {
            let due: Option<Timestamp> = tx
                .scalar(
                    "SELECT next_scheduled_start_time FROM flow_run
                     WHERE work_queue_id = ?1 AND state_type = 'SCHEDULED' AND workspace_id = ?2
                        AND next_scheduled_start_time <= ?3
                     ORDER BY next_scheduled_start_time LIMIT 1",
                    params![*queue, workspace, now],
                )
                .await?;
            found.is_any_due = due.is_some();
        }
        let next: Option<Timestamp> = tx
            .scalar(
                "SELECT next_scheduled_start_time FROM flow_run
                 WHERE work_queue_id = ?1 AND state_type = 'SCHEDULED' AND workspace_id = ?2
                    AND next_scheduled_start_time > ?3
                 ORDER BY next_scheduled_start_time LIMIT 1",
                params![*queue, workspace, now],
            )
            .await?;
        found.next = match (found.next, next) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    Ok(found)
}
