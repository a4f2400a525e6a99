//! What listeners get.

use std::sync::OnceLock;

use sluice_wire::events::ReceivedEvent;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::logs::Log;

/// A committed event. Its frame for the WebSocket is written once for all listeners, when the first asks for it.
#[derive(Debug)]
pub struct LiveEvent {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The event.
    pub event: ReceivedEvent,
    frame: OnceLock<bytes::Bytes>,
}

impl LiveEvent {
    /// An event that was just committed.
    pub fn new(workspace: WorkspaceId, event: ReceivedEvent) -> Self {
        Self { workspace, event, frame: OnceLock::new() }
    }

    /// `{"type":"event","event":{...}}`, as it travels on `/events/out`.
    pub fn frame(&self) -> bytes::Bytes {
        self.frame
            .get_or_init(|| {
                #[derive(serde::Serialize)]
                struct Frame<'e> {
                    r#type: &'static str,
                    event: &'e ReceivedEvent,
                }
                // An event has no maps with keys that are no strings: writing cannot fail.
                serde_json::to_vec(&Frame { r#type: "event", event: &self.event }).unwrap_or_default().into()
            })
            .clone()
    }
}

/// Log lines that were committed together.
#[derive(Debug)]
pub struct LiveLogs {
    /// Whose they are.
    pub workspace: WorkspaceId,
    /// The lines, in the order in which they were sent.
    pub logs: Vec<Log>,
}
