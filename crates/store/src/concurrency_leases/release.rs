use sluice_orchestration::slots::{self, SlotSettings};
use sluice_wire::ids::{ConcurrencyLimitId, LeaseId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::read;
use crate::concurrency_limits::{Key, read_for_update, write_counters};
use crate::{Result, Row, Tx, params};

/// Ends the lease and gives its slots back; returns whether it existed. `count_occupancy`: whether the time that
/// the slots were held counts for the limits' averages.
pub async fn release(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: LeaseId,
    count_occupancy: bool,
    settings: &SlotSettings,
    now: Timestamp,
) -> Result<bool> {
    let Some(lease) = read(tx, workspace, id).await? else { return Ok(false) };
    let limits = tx
        .query(
            "SELECT limit_id FROM concurrency_lease_limit WHERE lease_id = ?1 ORDER BY limit_id",
            params![id],
        )
        .await?;
    let limits = limits.into_iter().map(Row::scalar).collect::<Result<Vec<ConcurrencyLimitId>>>()?;
    tx.execute("DELETE FROM concurrency_lease WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await?;
    let occupancy_seconds = count_occupancy.then(|| now.since(lease.created).as_secs_f64());
    for limit in limits {
        let Some(row) = read_for_update(tx, workspace, &Key::Id(limit)).await? else { continue };
        if let Some(counters) = slots::release(&row.limit, lease.slots, occupancy_seconds, now, settings) {
            write_counters(tx, workspace, limit, &counters).await?;
        }
    }
    Ok(true)
}
