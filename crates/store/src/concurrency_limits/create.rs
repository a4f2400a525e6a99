use sluice_wire::concurrency_limits::ConcurrencyLimitV2Create;
use sluice_wire::ids::{ConcurrencyLimitId, WorkspaceId};
use sluice_wire::numbers::NonNegative;
use sluice_wire::time::Timestamp;

use super::{Key, LimitRow, announce, read};
use crate::{Result, StoreError, Tx, params};

/// The average occupancy that a new limit is thought to have, in seconds.
const FIRST_OCCUPANCY_SECONDS: f64 = 2.0;

/// Creates a limit. [`StoreError::Unique`] when the name is taken.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    limit: &ConcurrencyLimitV2Create,
    now: Timestamp,
) -> Result<LimitRow> {
    let id = ConcurrencyLimitId::random();
    tx.execute(
        "INSERT INTO concurrency_limit (id, workspace_id, created, updated, active, name, slot_limit, active_slots,
                                        denied_slots, slot_decay_per_second, avg_slot_occupancy_seconds)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            id,
            workspace,
            now,
            limit.active,
            &*limit.name,
            limit.limit.get(),
            limit.active_slots.map_or(0, NonNegative::get),
            limit.denied_slots.map_or(0, NonNegative::get),
            limit.slot_decay_per_second.0,
            FIRST_OCCUPANCY_SECONDS,
        ],
    )
    .await?;
    let created = read(tx, workspace, &Key::Id(id))
        .await?
        .ok_or_else(|| StoreError::Internal("the limit is gone again".to_owned()))?;
    announce::life(tx, workspace, &created, "created", now).await?;
    Ok(created)
}
