//! `/events/in`: tells the server of events.

use sluice_wire::events::Event;

use super::connection::{Connection, StreamError};
use crate::target::Target;

/// A stream to the server.
pub struct EventsIn(Connection);

impl EventsIn {
    /// Connects.
    pub async fn open(target: &Target) -> Result<Self, StreamError> {
        Connection::open(target, "/events/in").await.map(Self)
    }

    /// Sends an event. It is stored for sure when [`confirm`](Self::confirm) has returned.
    pub async fn send(&mut self, event: &Event) -> Result<(), StreamError> {
        self.0.send(event).await
    }

    /// Waits until everything that was sent is stored.
    pub async fn confirm(&mut self) -> Result<(), StreamError> {
        self.0.confirm().await
    }

    /// Says goodbye.
    pub async fn close(self) {
        self.0.close().await;
    }
}
