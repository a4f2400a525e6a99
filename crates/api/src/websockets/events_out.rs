//! `/events/out`: the events that meet a filter, first those that occurred lately, then each as it is committed.
//!
//! The live events are listened to before the stored ones are read, so there is no gap between them; what comes
//! both ways is sent once. A client that reads too slowly for the live stream gets what it missed from the
//! database.

use std::pin::pin;
use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::{WebSocketUpgrade, close_code};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use sluice_events::{LiveEvent, Missed, Subscription};
use sluice_store::Database;
use sluice_store::events::{self, EventPage, StoredEvent};
use sluice_wire::events::filter::{EventFilter, EventOrder};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::{TimeDelta, Timestamp};

use super::handshake::{Socket, Terms, accept};
use super::recent_ids::RecentIds;
use crate::extract::Workspace;
use crate::{ApiError, App};

/// How far back stored events are sent.
const BACKFILL: TimeDelta = TimeDelta::from_secs(15 * 60);
/// How many stored events are read at once.
const PAGE: i64 = 250;
/// Who missed live events is sent what was received since this long before the last one it got: events are not
/// handed on exactly in the order in which they were received.
const OVERLAP: TimeDelta = TimeDelta::from_secs(30);

/// Sends events until the client goes away.
pub async fn events_out(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    upgrade: WebSocketUpgrade,
) -> Response {
    let serving = app.clone();
    accept(upgrade, &app, Terms::default(), move |socket| serve(serving, workspace, socket))
}

async fn serve(app: App, workspace: WorkspaceId, mut socket: Socket) {
    let Some(message) = socket.receive_json::<Value>().await else { return };
    if message.get("type").and_then(Value::as_str) != Some("filter") {
        return socket.close(close_code::PROTOCOL, "Expected 'filter' message").await;
    }
    let wants_backfill = message.get("backfill").and_then(Value::as_bool).unwrap_or(true);
    let filter = message.get("filter").unwrap_or(&Value::Null);
    let mut filter = match EventFilter::deserialize(filter) {
        Ok(filter) => filter,
        Err(error) => return socket.close(close_code::PROTOCOL, &format!("Invalid filter: {error}")).await,
    };
    let now = app.clock.now();
    filter.resolve(now);
    filter.clamp(now, BACKFILL);
    filter.order = EventOrder::Ascending;
    let live = app.events.subscribe();
    let mut stopping = pin!(app.events.stopping());
    let mut stream = Stream {
        app,
        workspace,
        filter: Arc::new(filter),
        socket,
        live,
        sent: RecentIds::default(),
        last_received: now,
    };
    tokio::select! {
        () = stream.run(wants_backfill) => {}
        () = &mut stopping => {
            stream.socket.close(close_code::AWAY, "the server is stopping").await;
        }
    }
}

struct Stream {
    app: App,
    workspace: WorkspaceId,
    filter: Arc<EventFilter>,
    socket: Socket,
    live: Subscription<LiveEvent>,
    sent: RecentIds,
    /// When the last live event was received that was looked at.
    last_received: Timestamp,
}

/// The client is gone.
struct Gone;

impl Stream {
    async fn run(&mut self, wants_backfill: bool) {
        if wants_backfill && self.send_stored(None).await.is_err() {
            return;
        }
        loop {
            let next = tokio::select! {
                next = self.live.next() => next,
                message = self.socket.receive() => match message {
                    // Reading answers pings; nothing else is expected from the client.
                    Some(_) => continue,
                    None => return,
                },
            };
            let sent = match next {
                Some(Ok(event)) => self.send_live(&event).await,
                Some(Err(Missed)) => self.send_stored(Some(self.last_received - OVERLAP)).await,
                None => return,
            };
            if sent.is_err() {
                return;
            }
        }
    }

    async fn send_live(&mut self, live: &LiveEvent) -> Result<(), Gone> {
        self.last_received = self.last_received.max(live.event.received);
        if live.workspace != self.workspace
            || !self.filter.matches(&live.event)
            || !self.sent.insert(live.event.id)
        {
            return Ok(());
        }
        self.send(live.frame()).await
    }

    /// Sends the stored events that meet the filter and were not sent, page by page.
    async fn send_stored(&mut self, received_since: Option<Timestamp>) -> Result<(), Gone> {
        let mut after = None;
        loop {
            let page = EventPage { limit: PAGE, offset: 0, after, received_since };
            let arguments = (self.workspace, Arc::clone(&self.filter), page);
            let found = self
                .app
                .store
                .read_from(Database::Telemetry, arguments, |tx, (workspace, filter, page)| {
                    Box::pin(
                        async move { Ok::<_, ApiError>(events::read(tx, *workspace, filter, *page).await?) },
                    )
                })
                .await
                .map_err(|error| {
                    tracing::error!(?error, "cannot read the events that a client asked for");
                    Gone
                })?;
            let Some(last) = found.last() else { return Ok(()) };
            after = Some((last.occurred, last.id));
            let is_last_page = found.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            for event in found {
                if self.sent.insert(event.id) {
                    self.send(stored_frame(&event)).await?;
                }
            }
            if is_last_page {
                return Ok(());
            }
        }
    }

    async fn send(&mut self, frame: bytes::Bytes) -> Result<(), Gone> {
        let text = axum::extract::ws::Utf8Bytes::try_from(frame).map_err(|_| Gone)?;
        if self.socket.send_text(text).await { Ok(()) } else { Err(Gone) }
    }
}

fn stored_frame(event: &StoredEvent) -> bytes::Bytes {
    #[derive(serde::Serialize)]
    struct Frame<'e> {
        r#type: &'static str,
        event: &'e StoredEvent,
    }
    // There are no maps with keys that are no strings: writing cannot fail.
    serde_json::to_vec(&Frame { r#type: "event", event }).unwrap_or_default().into()
}
