use sluice_wire::ids::{LeaseId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Leases of any workspace that have ended by `now`, the oldest first, at most `limit`.
pub async fn expired(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<(WorkspaceId, LeaseId)>> {
    let rows = tx
        .query(
            "SELECT workspace_id, id FROM concurrency_lease WHERE expires < ?1 ORDER BY expires LIMIT ?2",
            params![now, limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok((columns.take()?, columns.take()?))
        })
        .collect()
}

/// Forgets leases whose limits are all gone.
pub(crate) async fn delete_without_limits(tx: &mut Tx, workspace: WorkspaceId) -> Result<()> {
    tx.execute(
        "DELETE FROM concurrency_lease WHERE workspace_id = ?1
         AND NOT EXISTS (SELECT 1 FROM concurrency_lease_limit WHERE lease_id = concurrency_lease.id)",
        params![workspace],
    )
    .await?;
    Ok(())
}
