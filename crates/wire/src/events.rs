//! Events: what happened to which resource.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::EventId;
use crate::json::RawJson;
use crate::time::Timestamp;

/// The labels of a resource; `prefect.resource.id` is required, a related resource has `prefect.resource.role`.
pub type Labels = BTreeMap<String, String>;

/// The label that names a resource.
pub const RESOURCE_ID: &str = "prefect.resource.id";
/// The label that says what a related resource is to the event.
pub const RESOURCE_ROLE: &str = "prefect.resource.role";
/// The label with a name for people.
pub const RESOURCE_NAME: &str = "prefect.resource.name";

/// An event as it is sent by clients and by this server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub occurred: Timestamp,
    pub event: String,
    pub resource: Labels,
    #[serde(default)]
    pub related: Vec<Labels>,
    #[serde(default = "RawJson::empty_object")]
    pub payload: RawJson,
    pub id: EventId,
    #[serde(default)]
    pub follows: Option<EventId>,
}

/// An event as it is read: with the time at which it was received.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceivedEvent {
    pub occurred: Timestamp,
    pub event: String,
    pub resource: Labels,
    #[serde(default)]
    pub related: Vec<Labels>,
    #[serde(default = "RawJson::empty_object")]
    pub payload: RawJson,
    pub id: EventId,
    #[serde(default)]
    pub follows: Option<EventId>,
    pub received: Timestamp,
}

impl Event {
    /// Starts an event about one resource, with an id that grows with time.
    pub fn new(occurred: Timestamp, event: impl Into<String>, resource: Labels) -> Self {
        Self {
            occurred,
            event: event.into(),
            resource,
            related: Vec::new(),
            payload: RawJson::empty_object(),
            id: EventId::sequential(),
            follows: None,
        }
    }
}
