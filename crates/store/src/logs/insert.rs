use sluice_wire::ids::WorkspaceId;
use sluice_wire::logs::Log;
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, Value, params};

/// Stores log lines.
pub async fn insert(tx: &mut Tx, workspace: WorkspaceId, logs: &[Log], now: Timestamp) -> Result<()> {
    let rows: Vec<Vec<Value>> = logs
        .iter()
        .map(|log| {
            params![
                log.id,
                workspace,
                now,
                &log.name,
                log.level,
                log.flow_run_id,
                log.task_run_id,
                &log.message,
                log.timestamp
            ]
        })
        .collect();
    let rows: Vec<&[Value]> = rows.iter().map(Vec::as_slice).collect();
    tx.insert_all(
        "log (id, workspace_id, created, name, level, flow_run_id, task_run_id, message, timestamp)",
        &rows,
    )
    .await
}
