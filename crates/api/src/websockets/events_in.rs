//! `/events/in`: clients send events, one a frame.
//!
//! Nothing is acknowledged but by pings: a client that gets its pong forgets every event that it sent before the
//! ping. So a ping is answered when these events are on disk. The library below puts a pong into its buffer when
//! the ping is read and sends it with the next read or write; waiting before we read on holds the pong back.

use std::pin::pin;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocketUpgrade, close_code};
use axum::response::Response;
use sluice_events::EventsError;
use sluice_wire::ids::WorkspaceId;

use super::handshake::{Socket, Terms, accept};
use crate::App;
use crate::extract::Workspace;

/// Takes events until the client goes away or sends something that is no event: then the connection ends without
/// a close frame, as in the reference.
pub async fn events_in(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    upgrade: WebSocketUpgrade,
) -> Response {
    let serving = app.clone();
    accept(upgrade, &app, Terms::default(), move |socket| serve(serving, workspace, socket))
}

async fn serve(app: App, workspace: WorkspaceId, mut socket: Socket) {
    let mut stopping = pin!(app.events.stopping());
    loop {
        let message = tokio::select! {
            message = socket.receive_any() => message,
            () = &mut stopping => {
                return socket.close(close_code::AWAY, "the server is stopping").await;
            }
        };
        match message {
            Some(Message::Text(text)) => match app.events.accept_text(workspace, &text).await {
                Ok(()) => {}
                Err(EventsError::Malformed(error)) => {
                    tracing::warn!(%error, "dropped a connection that sent something other than events");
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, "an event was not taken; its client sends it again");
                    return;
                }
            },
            Some(Message::Ping(_)) => {
                if app.events.settle().await.is_err() {
                    return;
                }
            }
            Some(Message::Close(_)) => {
                // The answer to the close says that all is well, so it comes after the commit too.
                if app.events.settle().await.is_ok() {
                    socket.receive_any().await;
                }
                return;
            }
            Some(Message::Pong(_)) => {}
            Some(Message::Binary(_)) => {
                tracing::warn!("dropped a connection that sent bytes instead of events");
                return;
            }
            None => return,
        }
    }
}
