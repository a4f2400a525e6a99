use serde::Serialize;
use sluice_wire::events::ReceivedEvent;
use sluice_wire::events::filter::{EventFilter, EventOrder};
use sluice_wire::ids::{EventId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use super::COLUMNS;
use super::criteria::push_where;
use crate::{Result, Row, Sql, StoreError, Tx};

/// An event as it is stored: its JSON is passed on as text, in the order of the wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredEvent {
    /// When it happened.
    pub occurred: Timestamp,
    /// What happened.
    pub event: String,
    /// The labels of what it happened to.
    pub resource: RawJson,
    /// The labels of what else was involved.
    pub related: RawJson,
    /// An object that describes it.
    pub payload: RawJson,
    /// Chosen by the sender.
    pub id: EventId,
    /// The event before this one.
    pub follows: Option<EventId>,
    /// When a server got it.
    pub received: Timestamp,
}

impl StoredEvent {
    /// Reads its labels.
    pub fn into_received(self) -> Result<ReceivedEvent> {
        let corrupt = |error: serde_json::Error| StoreError::Corrupt(format!("{error} in stored labels"));
        Ok(ReceivedEvent {
            occurred: self.occurred,
            event: self.event,
            resource: self.resource.parse().map_err(corrupt)?,
            related: self.related.parse().map_err(corrupt)?,
            payload: self.payload,
            id: self.id,
            follows: self.follows,
            received: self.received,
        })
    }
}

pub(super) fn from_row(row: Row) -> Result<StoredEvent> {
    let mut columns = row.columns();
    Ok(StoredEvent {
        occurred: columns.take()?,
        event: columns.take()?,
        resource: columns.take()?,
        related: columns.take()?,
        payload: columns.take()?,
        id: columns.take()?,
        follows: columns.take()?,
        received: columns.take()?,
    })
}

/// Which part of the events that a filter finds.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventPage {
    /// At most this many.
    pub limit: i64,
    /// How many to pass over.
    pub offset: i64,
    /// Only those that come after this one in the ascending order of time and id.
    pub after: Option<(Timestamp, EventId)>,
    /// Only those that were received at this time or later.
    pub received_since: Option<Timestamp>,
}

/// A page of the events that meet the filter, in its order. With `distinct` resources: the first event of each.
pub async fn read(
    tx: &mut Tx,
    workspace: WorkspaceId,
    filter: &EventFilter,
    page: EventPage,
) -> Result<Vec<StoredEvent>> {
    let direction = match filter.order {
        EventOrder::Ascending => "ASC",
        EventOrder::Descending => "DESC",
    };
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(" FROM event");
    if filter.resource.as_ref().is_some_and(|resource| resource.distinct) {
        sql.push(
            " WHERE event.id IN (SELECT ranked.id FROM (SELECT event.id, row_number() OVER (PARTITION BY ",
        )
        .push("event.resource_id ORDER BY event.occurred ")
        .push(direction)
        .push(", event.id ")
        .push(direction)
        .push(") AS place FROM event");
        push_where(&mut sql, workspace, filter);
        sql.push(") AS ranked WHERE ranked.place = 1)");
    } else {
        push_where(&mut sql, workspace, filter);
    }
    if let Some((occurred, id)) = page.after {
        sql.push(" AND (event.occurred, event.id) > (").bind(occurred).push(", ").bind(id).push(")");
    }
    if let Some(received_since) = page.received_since {
        sql.push(" AND event.received >= ").bind(received_since);
    }
    sql.push(" ORDER BY event.occurred ").push(direction).push(", event.id ").push(direction);
    sql.push(" LIMIT ").bind(page.limit).push(" OFFSET ").bind(page.offset);
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}
