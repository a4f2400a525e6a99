use super::Fence;
use crate::{Result, Tx, params};

/// Gives the lease back, so that another replica need not wait for its end.
pub async fn release(tx: &mut Tx, fence: &Fence) -> Result<()> {
    tx.execute(
        "UPDATE service_lease SET expires = ?4 WHERE service = ?1 AND holder = ?2 AND epoch = ?3",
        params![fence.service, fence.holder, fence.epoch, sluice_wire::time::Timestamp::EPOCH],
    )
    .await?;
    Ok(())
}
