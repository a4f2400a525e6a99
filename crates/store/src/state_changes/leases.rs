//! Leases of concurrency slots: a slot is held as long as its lease's row is there.

use sluice_orchestration::{Environment, LeaseHolder};
use sluice_wire::ids::{ConcurrencyLimitId, LeaseId, WorkspaceId};
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::limits;
use crate::{Result, Tx, params};

/// Whether the lease's row is there; it is locked until the transaction ends.
pub(crate) async fn exists(tx: &mut Tx, workspace: WorkspaceId, id: LeaseId) -> Result<bool> {
    let rows = tx
        .query_for_update(
            "SELECT id FROM concurrency_lease WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// What a new lease holds.
pub(super) struct NewLease<'a> {
    pub id: LeaseId,
    pub limit_ids: &'a [ConcurrencyLimitId],
    pub slots: i64,
    pub holder: LeaseHolder,
    pub expires_at: Timestamp,
}

pub(super) async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    lease: NewLease<'_>,
    now: Timestamp,
) -> Result<()> {
    let (holder_type, holder_id): (&str, Uuid) = match lease.holder {
        LeaseHolder::FlowRun(id) => ("flow_run", id.0),
        LeaseHolder::TaskRun(id) => ("task_run", id.0),
    };
    tx.execute(
        "INSERT INTO concurrency_lease (id, workspace_id, created, expires, slots, holder_type, holder_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![lease.id, workspace, now, lease.expires_at, lease.slots, holder_type, holder_id],
    )
    .await?;
    let limits = lease.limit_ids.iter().map(|limit_id| params![lease.id, *limit_id]).collect();
    tx.execute_many("INSERT INTO concurrency_lease_limit (lease_id, limit_id) VALUES (?1, ?2)", limits)
        .await?;
    Ok(())
}

pub(super) async fn renew(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: LeaseId,
    expires_at: Timestamp,
) -> Result<()> {
    tx.execute(
        "UPDATE concurrency_lease SET expires = ?3 WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id, expires_at],
    )
    .await?;
    Ok(())
}

/// Takes the lease away and gives its slots back; nothing when it is gone.
pub(crate) async fn release(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: LeaseId,
    environment: &Environment,
) -> Result<()> {
    let locked = tx
        .query_for_update(
            "SELECT slots FROM concurrency_lease WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    let Some(lease) = locked.into_iter().next() else { return Ok(()) };
    let slots: i64 = lease.scalar()?;
    let limit_ids = tx
        .query("SELECT limit_id FROM concurrency_lease_limit WHERE lease_id = ?1", params![id])
        .await?
        .into_iter()
        .map(crate::Row::scalar)
        .collect::<Result<Vec<ConcurrencyLimitId>>>()?;
    tx.execute("DELETE FROM concurrency_lease WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await?;
    limits::give_back(tx, workspace, &limit_ids, slots, None, environment).await
}
