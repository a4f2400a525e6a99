use sluice_wire::ids::WorkPoolId;

use crate::{Result, Tx, params};

/// Whether a worker of the pool is online.
pub async fn any_online(tx: &mut Tx, pool: WorkPoolId) -> Result<bool> {
    let row = tx
        .query_first(
            "SELECT 1 FROM worker WHERE work_pool_id = ?1 AND status = 'ONLINE' LIMIT 1",
            params![pool],
        )
        .await?;
    Ok(row.is_some())
}
