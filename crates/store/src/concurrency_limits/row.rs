use sluice_orchestration::slots::{ConcurrencyLimit, SlotCounters, active_slots};
use sluice_wire::concurrency_limits::{ConcurrencyLimitV2, GlobalConcurrencyLimit, MinimalConcurrencyLimit};
use sluice_wire::time::Timestamp;

use crate::{Result, Row};

/// The columns of [`from_row`], in its order.
pub(super) const COLUMNS: &str = "id, created, updated, active, name, slot_limit, active_slots, denied_slots, \
     slot_decay_per_second, avg_slot_occupancy_seconds";

/// A limit's row.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitRow {
    /// When it was created.
    pub created: Timestamp,
    /// What the rules know of it.
    pub limit: ConcurrencyLimit,
}

impl LimitRow {
    /// As it is answered when it was created.
    pub fn created_response(&self) -> ConcurrencyLimitV2 {
        let limit = &self.limit;
        ConcurrencyLimitV2 {
            id: limit.id,
            created: self.created,
            updated: limit.counters.updated,
            active: limit.active,
            name: limit.name.clone(),
            limit: limit.limit,
            active_slots: limit.counters.active_slots,
            denied_slots: limit.counters.denied_slots,
            slot_decay_per_second: limit.slot_decay_per_second,
            avg_slot_occupancy_seconds: limit.counters.avg_slot_occupancy_seconds,
        }
    }

    /// As it is read at `now`.
    pub fn response(&self, now: Timestamp) -> GlobalConcurrencyLimit {
        let limit = &self.limit;
        GlobalConcurrencyLimit {
            id: limit.id,
            created: self.created,
            updated: limit.counters.updated,
            active: limit.active,
            name: limit.name.clone(),
            limit: limit.limit,
            active_slots: active_slots(limit, now),
            slot_decay_per_second: limit.slot_decay_per_second,
        }
    }

    /// As it is answered when slots were taken or given back.
    pub fn minimal(&self) -> MinimalConcurrencyLimit {
        MinimalConcurrencyLimit { id: self.limit.id, name: self.limit.name.clone(), limit: self.limit.limit }
    }
}

pub(super) fn from_row(row: Row) -> Result<LimitRow> {
    let mut columns = row.columns();
    let (id, created, updated) = (columns.take()?, columns.take()?, columns.take()?);
    let (active, name, limit) = (columns.take()?, columns.take()?, columns.take()?);
    let (active_slots, denied_slots) = (columns.take()?, columns.take()?);
    let slot_decay_per_second = columns.take()?;
    let avg_slot_occupancy_seconds = columns.take()?;
    let counters = SlotCounters { active_slots, denied_slots, avg_slot_occupancy_seconds, updated };
    let limit = ConcurrencyLimit { id, name, active, limit, slot_decay_per_second, counters };
    Ok(LimitRow { created, limit })
}
