use sluice_orchestration::slots::SlotCounters;
use sluice_wire::ids::{ConcurrencyLimitId, WorkspaceId};

use crate::{Result, Tx, params};

/// Writes the counters of a limit whose row is locked by this transaction.
pub async fn write_counters(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ConcurrencyLimitId,
    counters: &SlotCounters,
) -> Result<()> {
    tx.execute(
        "UPDATE concurrency_limit SET active_slots = ?3, denied_slots = ?4, avg_slot_occupancy_seconds = ?5,
             updated = ?6
         WHERE workspace_id = ?1 AND id = ?2",
        params![
            workspace,
            id,
            counters.active_slots,
            counters.denied_slots,
            counters.avg_slot_occupancy_seconds,
            counters.updated,
        ],
    )
    .await?;
    Ok(())
}
