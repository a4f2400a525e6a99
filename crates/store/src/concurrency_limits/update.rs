use sluice_wire::concurrency_limits::ConcurrencyLimitV2Update;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use super::{Key, announce, read_for_update};
use crate::{Result, Tx, params};

/// Changes what was sent, which also starts decay anew; returns whether the limit exists.
/// [`crate::StoreError::Unique`] when the new name is taken.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    key: &Key,
    update: &ConcurrencyLimitV2Update,
    now: Timestamp,
) -> Result<bool> {
    let Some(mut row) = read_for_update(tx, workspace, key).await? else { return Ok(false) };
    let limit = &mut row.limit;
    if let Some(active) = update.active.value() {
        limit.active = *active;
    }
    if let Some(name) = update.name.value() {
        limit.name = name.to_string();
    }
    if let Some(number) = update.limit.value() {
        limit.limit = number.get();
    }
    if let Some(slots) = update.active_slots.value() {
        limit.counters.active_slots = slots.get();
    }
    if let Some(slots) = update.denied_slots.value() {
        limit.counters.denied_slots = slots.get();
    }
    if let Some(decay) = update.slot_decay_per_second.value() {
        limit.slot_decay_per_second = decay.0;
    }
    limit.counters.updated = now;
    tx.execute(
        "UPDATE concurrency_limit SET active = ?3, name = ?4, slot_limit = ?5, active_slots = ?6, denied_slots = ?7,
             slot_decay_per_second = ?8, updated = ?9
         WHERE workspace_id = ?1 AND id = ?2",
        params![
            workspace,
            limit.id,
            limit.active,
            &limit.name,
            limit.limit,
            limit.counters.active_slots,
            limit.counters.denied_slots,
            limit.slot_decay_per_second,
            now,
        ],
    )
    .await?;
    announce::life(tx, workspace, &row, "updated", now).await?;
    Ok(true)
}
