use sluice_wire::ids::{LeaseId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// A lease's row.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// Its id.
    pub id: LeaseId,
    /// When the slots were taken.
    pub created: Timestamp,
    /// When they may be taken back.
    pub expires: Timestamp,
    /// How many slots of each limit.
    pub slots: i64,
}

/// The lease, if it exists, locked until the transaction ends.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: LeaseId) -> Result<Option<Lease>> {
    let rows = tx
        .query_for_update(
            "SELECT id, created, expires, slots FROM concurrency_lease WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    rows.into_iter()
        .next()
        .map(|row| {
            let mut columns = row.columns();
            Ok(Lease {
                id: columns.take()?,
                created: columns.take()?,
                expires: columns.take()?,
                slots: columns.take()?,
            })
        })
        .transpose()
}
