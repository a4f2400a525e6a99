use sluice_wire::ids::WorkerId;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::{Dialect, Result, Row, Tx, params};

/// Online workers of any workspace that missed `missed` of their heartbeats, at most `limit`. `interval`: that of
/// a worker that did not say its own.
pub async fn silent(
    tx: &mut Tx,
    missed: i64,
    interval: TimeDelta,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<WorkerId>> {
    let text = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT id FROM worker WHERE status = 'ONLINE' AND last_heartbeat_time
                 < ?1 - COALESCE(heartbeat_interval_seconds * 1000000, ?2) * ?3 LIMIT ?4"
        }
        Dialect::Postgres => {
            "SELECT id FROM worker WHERE status = 'ONLINE' AND last_heartbeat_time
                 < CAST(?1 AS timestamptz) - make_interval(secs => COALESCE(heartbeat_interval_seconds * 1000000, CAST(?2 AS bigint))
                                              * CAST(?3 AS bigint) / 1000000.0) LIMIT ?4"
        }
    };
    let rows = tx.query(text, params![now, interval, missed, limit]).await?;
    rows.into_iter().map(Row::scalar).collect()
}

/// Sets the workers OFFLINE, but for those that were heard of since.
pub async fn mark_offline(
    tx: &mut Tx,
    workers: &[WorkerId],
    missed: i64,
    interval: TimeDelta,
    now: Timestamp,
) -> Result<()> {
    let still_silent = silent(tx, missed, interval, now, i64::MAX).await?;
    let rows = workers
        .iter()
        .filter(|worker| still_silent.contains(worker))
        .map(|worker| params![*worker, now])
        .collect();
    tx.execute_many("UPDATE worker SET status = 'OFFLINE', updated = ?2 WHERE id = ?1", rows).await?;
    Ok(())
}
