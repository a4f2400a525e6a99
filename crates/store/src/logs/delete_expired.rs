use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Deletes log lines that belong to no flow run and were written before `before`, at most about `limit`; returns
/// how many. Lines of a flow run go with their run.
pub async fn delete_expired(
    tx: &mut Tx,
    workspace: WorkspaceId,
    before: Timestamp,
    limit: i64,
) -> Result<u64> {
    tx.execute(
        "DELETE FROM log WHERE workspace_id = ?1 AND flow_run_id IS NULL AND timestamp < ?2
         AND timestamp <= (SELECT max(oldest.timestamp) FROM (SELECT timestamp FROM log
             WHERE workspace_id = ?1 AND flow_run_id IS NULL ORDER BY timestamp, id LIMIT ?3) AS oldest)",
        params![workspace, before, limit],
    )
    .await
}
