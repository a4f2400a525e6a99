use sluice_wire::ids::WorkPoolId;

use crate::{Result, Tx, params};

/// How many runs of the pool are pending or running, which is what its limit counts.
pub async fn taken(tx: &mut Tx, pool: WorkPoolId) -> Result<i64> {
    let count = tx
        .scalar(
            "SELECT count(*) FROM flow_run JOIN work_queue ON work_queue.id = flow_run.work_queue_id
             WHERE work_queue.work_pool_id = ?1 AND flow_run.state_type IN ('PENDING', 'RUNNING')",
            params![pool],
        )
        .await?;
    Ok(count.unwrap_or(0))
}
