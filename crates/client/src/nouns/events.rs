//! `/events`

use serde::{Deserialize, Serialize};
use sluice_wire::json::RawJson;

use crate::{Client, ClientError};

/// A page of events.
#[derive(Debug, Clone, Deserialize)]
pub struct EventPage {
    /// The events.
    pub events: Vec<RawJson>,
    /// How many match altogether.
    pub total: i64,
    /// The address of the next page.
    pub next_page: Option<String>,
}

impl Client {
    /// The events that match the body of `POST /events/filter`.
    pub async fn events(&self, body: &impl Serialize) -> Result<EventPage, ClientError> {
        self.post("/events/filter", body).await
    }

    /// Stores events; `body` is a list of them.
    pub async fn emit_events(&self, body: &impl Serialize) -> Result<(), ClientError> {
        self.post_only("/events", body).await
    }
}
