use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Deletes incidents of all workspaces that are resolved and did not change since `before`, the oldest first; at most
/// `limit`. Returns how many. None of them is told of: it is over, and its time has come.
pub async fn delete_resolved(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    tx.execute(
        "DELETE FROM incident WHERE status = 'resolved' AND updated < ?1 AND id IN (
             SELECT id FROM incident WHERE status = 'resolved' AND updated < ?1 ORDER BY updated, id LIMIT ?2)",
        params![before, limit],
    )
    .await
}
