use sluice_wire::ids::{ConcurrencyLimitId, LeaseId, WorkspaceId};
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use crate::{Result, Row, Tx, params};

/// The task runs that hold slots of the limit, each with its lease, in the order in which they took them.
pub async fn holders(
    tx: &mut Tx,
    workspace: WorkspaceId,
    limit: ConcurrencyLimitId,
    now: Timestamp,
) -> Result<Vec<(LeaseId, Uuid)>> {
    let rows = tx
        .query(
            "SELECT concurrency_lease.id, concurrency_lease.holder_id
             FROM concurrency_lease_limit JOIN concurrency_lease ON concurrency_lease.id = lease_id
             WHERE concurrency_lease.workspace_id = ?1 AND limit_id = ?2 AND holder_type = 'task_run'
               AND expires > ?3
             ORDER BY concurrency_lease.created, concurrency_lease.id",
            params![workspace, limit, now],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok((columns.take()?, columns.take()?))
        })
        .collect()
}

/// Ends every lease on the limit without giving slots back: the caller sets the limit's slots anew.
pub async fn release_all(tx: &mut Tx, workspace: WorkspaceId, limit: ConcurrencyLimitId) -> Result<()> {
    let leases = tx
        .query(
            "SELECT lease_id FROM concurrency_lease_limit JOIN concurrency_lease ON concurrency_lease.id = lease_id
             WHERE workspace_id = ?1 AND limit_id = ?2",
            params![workspace, limit],
        )
        .await?;
    let leases = leases.into_iter().map(Row::scalar).collect::<Result<Vec<LeaseId>>>()?;
    let rows = leases.into_iter().map(|lease| params![workspace, lease]).collect();
    tx.execute_many("DELETE FROM concurrency_lease WHERE workspace_id = ?1 AND id = ?2", rows).await?;
    Ok(())
}
