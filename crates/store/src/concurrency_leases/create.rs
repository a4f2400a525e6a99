use sluice_wire::concurrency_limits::LeaseHolder;
use sluice_wire::ids::{ConcurrencyLimitId, LeaseId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// A lease to be written.
#[derive(Debug, Clone)]
pub struct NewLease {
    /// Its id.
    pub id: LeaseId,
    /// The limits whose slots it holds.
    pub limits: Vec<ConcurrencyLimitId>,
    /// How many slots of each limit.
    pub slots: i64,
    /// Who holds them.
    pub holder: Option<LeaseHolder>,
    /// When the slots may be taken back.
    pub expires: Timestamp,
}

/// Writes the lease; the slots were taken already.
pub async fn create(tx: &mut Tx, workspace: WorkspaceId, lease: &NewLease, now: Timestamp) -> Result<()> {
    tx.execute(
        "INSERT INTO concurrency_lease (id, workspace_id, created, expires, slots, holder_type, holder_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            lease.id,
            workspace,
            now,
            lease.expires,
            lease.slots,
            lease.holder.map(|holder| holder.r#type.as_str()),
            lease.holder.map(|holder| holder.id),
        ],
    )
    .await?;
    let rows = lease.limits.iter().map(|limit| params![lease.id, *limit]).collect();
    tx.execute_many(
        "INSERT INTO concurrency_lease_limit (lease_id, limit_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        rows,
    )
    .await?;
    Ok(())
}
