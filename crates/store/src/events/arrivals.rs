//! Events in the order in which they arrived, for a reader that must not leave any out.
//!
//! On SQLite one writer counts them. On PostgreSQL transactions end in another order than they begin, so only those
//! are read before which nothing is under way, a transaction at a time.

use std::collections::HashMap;

use sluice_wire::events::ReceivedEvent;
use sluice_wire::ids::{EventId, WorkspaceId};

use super::COLUMNS;
use super::read::{StoredEvent, from_row};
use crate::commits::commit_horizon;
use crate::{Dialect, FromValue, Result, Row, Sql, StoreError, Tx, params};

/// How many events a page has (SQLite).
const PAGE: i64 = 1_000;
/// How many events a page has (PostgreSQL): more than one transaction stores, which is read as a whole.
const PAGE_OF_TRANSACTIONS: i64 = 4_000;

/// An event, without what takes time to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: EventId,
    /// Its name.
    pub event: String,
    /// What it happened to.
    pub resource_id: String,
}

/// What arrived after a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrivals {
    /// In order.
    pub arrivals: Vec<Arrival>,
    /// The position to go on from.
    pub through: i64,
    /// Whether more may have arrived.
    pub is_full: bool,
}

/// What arrived after the position `after`.
pub async fn arrivals(tx: &mut Tx, after: i64) -> Result<Arrivals> {
    match tx.dialect() {
        Dialect::Sqlite => {
            let limit = PAGE;
            let rows = tx
                .query(
                    "SELECT position, workspace_id, id, event, resource_id FROM event WHERE position > ?1
                     ORDER BY position LIMIT ?2",
                    params![after, limit],
                )
                .await?;
            let rows = rows.into_iter().map(arrival).collect::<Result<Vec<_>>>()?;
            let through = rows.last().map_or(after, |(position, _)| *position);
            let is_full = is_full(rows.len(), limit);
            Ok(Arrivals {
                arrivals: rows.into_iter().map(|(_, arrival)| arrival).collect(),
                through,
                is_full,
            })
        }
        Dialect::Postgres => {
            let limit = PAGE_OF_TRANSACTIONS;
            let last_stable = last_stable(tx).await?;
            if after >= last_stable {
                // Larger only when the data came from another server, which had counted further.
                return Ok(Arrivals { arrivals: Vec::new(), through: last_stable, is_full: false });
            }
            let rows = tx
                .query(
                    "SELECT commit_xid, workspace_id, id, event, resource_id FROM event
                     WHERE commit_xid > ?1 AND commit_xid <= ?2
                     ORDER BY commit_xid, occurred, id LIMIT ?3",
                    params![after, last_stable, limit],
                )
                .await?;
            let mut rows = rows.into_iter().map(arrival).collect::<Result<Vec<_>>>()?;
            let is_full = is_full(rows.len(), limit);
            let mut through = last_stable;
            if is_full && let Some((last, _)) = rows.last() {
                // The last transaction may not be there as a whole.
                let last = *last;
                if rows.iter().any(|(position, _)| *position != last) {
                    rows.retain(|(position, _)| *position != last);
                    through = last - 1;
                } else {
                    through = last;
                }
            }
            Ok(Arrivals {
                arrivals: rows.into_iter().map(|(_, arrival)| arrival).collect(),
                through,
                is_full,
            })
        }
    }
}

fn is_full(count: usize, limit: i64) -> bool {
    i64::try_from(count).is_ok_and(|count| count >= limit)
}

fn arrival(row: Row) -> Result<(i64, Arrival)> {
    let mut columns = row.columns();
    let position = columns.take()?;
    let arrival = Arrival {
        workspace: columns.take()?,
        id: columns.take()?,
        event: columns.take()?,
        resource_id: columns.take()?,
    };
    Ok((position, arrival))
}

/// The last transaction before which nothing is under way.
async fn last_stable(tx: &mut Tx) -> Result<i64> {
    let horizon = commit_horizon(tx).await?;
    Ok(horizon.map_or(0, |horizon| horizon.position() - 1))
}

/// The position of the newest event: what arrives from now on comes after it.
pub async fn latest_arrival(tx: &mut Tx) -> Result<i64> {
    match tx.dialect() {
        Dialect::Sqlite => {
            let latest: Option<Option<i64>> =
                tx.scalar("SELECT max(position) FROM event", Vec::new()).await?;
            Ok(latest.flatten().unwrap_or(0))
        }
        Dialect::Postgres => last_stable(tx).await,
    }
}

/// Of the `among` events that arrived last, those with this name. Nothing on PostgreSQL, where no number tells which these are.
pub async fn latest_named(tx: &mut Tx, name: &str, among: i64) -> Result<Vec<(WorkspaceId, ReceivedEvent)>> {
    if tx.dialect() == Dialect::Postgres {
        return Ok(Vec::new());
    }
    let rows = tx
        .query(
            "SELECT id FROM event WHERE event = ?1 AND position > (SELECT max(position) FROM event) - ?2",
            params![name, among],
        )
        .await?;
    let ids = rows.into_iter().map(|row| row.columns().take()).collect::<Result<Vec<EventId>>>()?;
    read_by_ids(tx, &ids).await
}

/// The positions of those of the events that have arrived.
pub async fn positions(tx: &mut Tx, ids: &[EventId]) -> Result<HashMap<EventId, i64>> {
    let mut positions = HashMap::new();
    for ids in ids.chunks(500) {
        let column = match tx.dialect() {
            Dialect::Sqlite => "position",
            Dialect::Postgres => "commit_xid",
        };
        let mut sql = Sql::new(tx.dialect(), "SELECT id, ");
        sql.push(column).push(" FROM event WHERE id IN (").bind_list(ids.iter().copied()).push(")");
        for row in tx.query_sql(sql).await? {
            let mut columns = row.columns();
            positions.insert(columns.take()?, columns.take()?);
        }
    }
    Ok(positions)
}

/// The events with these ids, in no order.
pub async fn read_by_ids(tx: &mut Tx, ids: &[EventId]) -> Result<Vec<(WorkspaceId, ReceivedEvent)>> {
    let mut events = Vec::with_capacity(ids.len());
    for ids in ids.chunks(500) {
        let mut sql = Sql::new(tx.dialect(), "SELECT ");
        sql.push(COLUMNS).push(", event.workspace_id FROM event WHERE event.id IN (");
        sql.bind_list(ids.iter().copied()).push(")");
        for Row(mut values) in tx.query_sql(sql).await? {
            let workspace = values
                .pop()
                .ok_or_else(|| StoreError::Corrupt("the row has fewer columns".to_owned()))
                .and_then(WorkspaceId::from_value)?;
            events.push((workspace, from_row(Row(values)).and_then(StoredEvent::into_received)?));
        }
    }
    Ok(events)
}
