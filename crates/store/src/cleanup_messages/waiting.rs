use sluice_wire::ids::WorkPoolId;
use sluice_wire::time::Timestamp;

use super::MAXIMUM_DELIVERIES;
use crate::{Result, Tx, params};

/// Whether [`super::reserve`] may find something for the workers of this pool.
pub async fn any_waiting(tx: &mut Tx, pool: WorkPoolId, now: Timestamp) -> Result<bool> {
    let found: Option<i64> = tx
        .scalar(
            "SELECT delivery_count FROM cleanup_message
             WHERE work_pool_id = ?1 AND is_dead = ?2 AND delivery_count < ?3
               AND (lease_expires IS NULL OR lease_expires <= ?4)
             LIMIT 1",
            params![pool, false, MAXIMUM_DELIVERIES, now],
        )
        .await?;
    Ok(found.is_some())
}
