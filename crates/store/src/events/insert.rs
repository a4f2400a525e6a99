use sluice_wire::events::{RESOURCE_ID, ReceivedEvent};
use sluice_wire::ids::{EventId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Json, Result, Topic, Tx, Value, params};

/// An event on its way into the database. It is put into the form of its rows where it is received, so that the
/// one thread that writes need not do it.
#[derive(Debug)]
pub struct NewEvent {
    id: EventId,
    row: Vec<Value>,
    related: Vec<Vec<Value>>,
}

impl NewEvent {
    /// `origin` is a number that this process has chosen for itself.
    pub fn new(workspace: WorkspaceId, event: &ReceivedEvent, origin: i64) -> Self {
        let resource_id = event.resource_id();
        let row = params![
            event.id,
            workspace,
            event.occurred,
            &event.event,
            resource_id,
            Json(&event.resource),
            Json(&event.related),
            Value::Text(event.payload.text().to_owned()),
            event.received,
            event.follows,
            origin,
        ];
        let mut related_ids: Vec<&str> =
            event.related.iter().filter_map(|labels| labels.get(RESOURCE_ID)).map(String::as_str).collect();
        related_ids.sort_unstable();
        related_ids.dedup();
        let related = related_ids
            .into_iter()
            .map(|related_id| params![workspace, related_id, event.occurred, event.id])
            .collect();
        Self { id: event.id, row, related }
    }

    /// The event's id.
    pub fn id(&self) -> EventId {
        self.id
    }

    /// When the event occurred.
    pub fn occurred(&self) -> Option<Timestamp> {
        match self.row.get(2) {
            Some(Value::Time(occurred)) => Some(*occurred),
            _ => None,
        }
    }
}

/// Stores the events that are not stored yet; returns for each whether it is new. No id may come twice.
pub async fn insert(tx: &mut Tx, events: Vec<&NewEvent>) -> Result<Vec<bool>> {
    let rows: Vec<&[Value]> = events.iter().map(|event| event.row.as_slice()).collect();
    let is_new = tx
        .insert_new(
            "event (id, workspace_id, occurred, event, resource_id, resource, related, payload, received, follows, \
             origin)",
            &rows,
        )
        .await?;
    let new_events = events.iter().zip(&is_new).filter(|(_, is_new)| **is_new);
    let related: Vec<&[Value]> =
        new_events.flat_map(|(event, _)| event.related.iter().map(Vec::as_slice)).collect();
    tx.insert_all("event_related (workspace_id, resource_id, occurred, event_id)", &related).await?;
    if is_new.contains(&true) {
        tx.notify(Topic::Events);
    }
    Ok(is_new)
}
