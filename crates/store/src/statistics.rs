//! Numbers that an operator asks for.

use crate::{Result, Tx};

/// How things stand, over all workspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// Runs that did not start in time.
    pub late_runs: i64,
    /// Runs that are running.
    pub running_runs: i64,
    /// Slots of concurrency limits that are taken, without decay.
    pub slots_in_use: i64,
    /// Events that were committed with a change and are not yet stored with the telemetry.
    pub outbox_events: i64,
    /// Background task runs that wait for a task worker.
    pub queued_task_runs: i64,
}

/// Counts; cheap, because every count walks an index over few rows.
pub async fn read(tx: &mut Tx) -> Result<Statistics> {
    let rows = tx
        .query(
            "SELECT
                 (SELECT count(*) FROM flow_run WHERE state_type = 'SCHEDULED' AND state_name = 'Late'),
                 (SELECT count(*) FROM workspace JOIN flow_run ON flow_run.workspace_id = workspace.id
                    WHERE flow_run.state_type = 'RUNNING'),
                 (SELECT CAST(COALESCE(SUM(active_slots), 0) AS bigint) FROM concurrency_limit),
                 (SELECT count(*) FROM outbox),
                 (SELECT count(*) FROM task_run_queue)",
            Vec::new(),
        )
        .await?;
    let mut columns = match rows.into_iter().next() {
        Some(row) => row.columns(),
        None => return Err(crate::StoreError::Corrupt("a count has no row".to_owned())),
    };
    Ok(Statistics {
        late_runs: columns.take()?,
        running_runs: columns.take()?,
        slots_in_use: columns.take()?,
        outbox_events: columns.take()?,
        queued_task_runs: columns.take()?,
    })
}
