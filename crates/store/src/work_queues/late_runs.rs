use sluice_wire::ids::WorkQueueId;

use crate::{Result, Tx, params};

/// How many runs of the queue should have started and did not.
pub async fn late_runs(tx: &mut Tx, queue: WorkQueueId) -> Result<i64> {
    let count = tx
        .scalar(
            "SELECT count(*) FROM flow_run
             WHERE work_queue_id = ?1 AND state_type = 'SCHEDULED' AND state_name = 'Late'",
            params![queue],
        )
        .await?;
    Ok(count.unwrap_or(0))
}
