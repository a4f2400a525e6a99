//! `/events/out`: hears of events.

use serde::Deserialize;
use serde_json::json;
use sluice_wire::events::ReceivedEvent;
use sluice_wire::events::filter::EventFilter;

use super::connection::{Connection, StreamError};
use crate::target::Target;

/// A stream of the events that match a filter.
pub struct EventsOut(Connection);

#[derive(Deserialize)]
struct Frame {
    event: ReceivedEvent,
}

impl EventsOut {
    /// Connects and says which events are wanted. The server first sends those of the last minutes that match, from
    /// the filter's `since` on.
    pub async fn open(target: &Target, filter: &EventFilter) -> Result<Self, StreamError> {
        let mut connection = Connection::open(target, "/events/out").await?;
        connection.send(&json!({ "type": "filter", "filter": filter })).await?;
        Ok(Self(connection))
    }

    /// The next event. Safe to be dropped while it waits.
    pub async fn next(&mut self) -> Result<ReceivedEvent, StreamError> {
        Ok(self.0.receive::<Frame>().await?.event)
    }
}
