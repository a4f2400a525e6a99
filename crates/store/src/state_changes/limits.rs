//! Rows of concurrency limits, locked while slots are counted.

use sluice_orchestration::Environment;
use sluice_orchestration::slots::{self, ConcurrencyLimit, SlotCounters};
use sluice_wire::ids::{ConcurrencyLimitId, WorkspaceId};

use crate::{Dialect, Result, Row, Sql, Tx, params};

const COLUMNS: &str =
    "SELECT id, name, active, slot_limit, slot_decay_per_second, active_slots, denied_slots,
    avg_slot_occupancy_seconds, updated FROM concurrency_limit";

/// The limits with these ids that exist, ordered by name and locked until the transaction ends.
pub(crate) async fn lock(
    tx: &mut Tx,
    workspace: WorkspaceId,
    ids: &[ConcurrencyLimitId],
) -> Result<Vec<ConcurrencyLimit>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(tx.dialect(), COLUMNS);
    sql.push(" WHERE workspace_id = ").bind(workspace).push(" AND id IN (").bind_list(ids.iter().copied());
    read(tx, sql).await
}

/// The limits with these names that exist, ordered by name and locked until the transaction ends.
pub(crate) async fn lock_named(
    tx: &mut Tx,
    workspace: WorkspaceId,
    names: impl IntoIterator<Item = String>,
) -> Result<Vec<ConcurrencyLimit>> {
    let mut sql = Sql::new(tx.dialect(), COLUMNS);
    sql.push(" WHERE workspace_id = ").bind(workspace).push(" AND name IN (").bind_list(names);
    read(tx, sql).await
}

async fn read(tx: &mut Tx, mut sql: Sql) -> Result<Vec<ConcurrencyLimit>> {
    // Rows are locked in the order of their ids everywhere, so that two transactions never wait for each other.
    sql.push(") ORDER BY id").push(Dialect::for_update(tx.dialect()));
    let mut limits = tx.query_sql(sql).await?.into_iter().map(from_row).collect::<Result<Vec<_>>>()?;
    limits.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(limits)
}

fn from_row(row: Row) -> Result<ConcurrencyLimit> {
    let mut columns = row.columns();
    Ok(ConcurrencyLimit {
        id: columns.take()?,
        name: columns.take()?,
        active: columns.take()?,
        limit: columns.take()?,
        slot_decay_per_second: columns.take()?,
        counters: SlotCounters {
            active_slots: columns.take()?,
            denied_slots: columns.take()?,
            avg_slot_occupancy_seconds: columns.take()?,
            updated: columns.take()?,
        },
    })
}

/// Writes what changes with use.
pub(crate) async fn write_counters(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ConcurrencyLimitId,
    counters: SlotCounters,
) -> Result<()> {
    tx.execute(
        "UPDATE concurrency_limit SET active_slots = ?3, denied_slots = ?4, avg_slot_occupancy_seconds = ?5,
         updated = ?6 WHERE workspace_id = ?1 AND id = ?2",
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

/// Gives slots back to each of the limits.
pub(crate) async fn give_back(
    tx: &mut Tx,
    workspace: WorkspaceId,
    ids: &[ConcurrencyLimitId],
    slots: i64,
    occupancy_seconds: Option<f64>,
    environment: &Environment,
) -> Result<()> {
    for limit in lock(tx, workspace, ids).await? {
        let settings = &environment.settings.slots;
        if let Some(counters) = slots::release(&limit, slots, occupancy_seconds, environment.now, settings) {
            write_counters(tx, workspace, limit.id, counters).await?;
        }
    }
    Ok(())
}
