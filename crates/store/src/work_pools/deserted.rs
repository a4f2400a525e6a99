use sluice_wire::ids::{WorkPoolId, WorkspaceId};

use crate::{Result, Tx, params};

/// Pools of any workspace that are READY although no worker is online, at most `limit`.
pub async fn ready_without_workers(tx: &mut Tx, limit: i64) -> Result<Vec<(WorkspaceId, WorkPoolId)>> {
    let rows = tx
        .query(
            "SELECT workspace_id, id FROM work_pool WHERE status = 'READY' AND NOT EXISTS (
                 SELECT 1 FROM worker WHERE worker.work_pool_id = work_pool.id AND worker.status = 'ONLINE')
             LIMIT ?1",
            params![limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok((columns.take()?, columns.take()?))
        })
        .collect()
}
