use sluice_wire::ids::WorkspaceId;
use sluice_wire::logs::Log;
use sluice_wire::time::Timestamp;

use crate::{Dialect, Result, Topic, Tx, Value, params};

/// Stores log lines. `origin` is a number that this process has chosen for itself.
pub async fn insert(
    tx: &mut Tx,
    workspace: WorkspaceId,
    logs: &[Log],
    now: Timestamp,
    origin: i64,
) -> Result<()> {
    // SQLite has one process: nobody asks for the origin, and an index less is kept.
    let origin = (tx.dialect() == Dialect::Postgres).then_some(origin);
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
                log.timestamp,
                origin
            ]
        })
        .collect();
    let rows: Vec<&[Value]> = rows.iter().map(Vec::as_slice).collect();
    tx.insert_all(
        "log (id, workspace_id, created, name, level, flow_run_id, task_run_id, message, timestamp, origin)",
        &rows,
    )
    .await?;
    if origin.is_some() {
        tx.notify(Topic::Logs);
    }
    Ok(())
}
