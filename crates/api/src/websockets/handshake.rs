//! How every WebSocket begins (wire-protocol 1.2): the client offers the subprotocol `prefect`, sends an `auth`
//! frame and waits for `auth_success`. Old clients that offer no subprotocol are let in without an `auth` frame
//! when the server asks for no authentication.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::App;

const SUBPROTOCOL: &str = "prefect";
/// The largest message that is read, in bytes; a larger one ends the connection with 1009.
const MAX_MESSAGE_BYTES: usize = 16 << 20;
/// The protocol allows 125 bytes in a control frame, two of which are the code.
const MAX_REASON_BYTES: usize = 123;
/// How long a closing connection may take to say goodbye.
const CLOSE_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(2);

/// What a route asks for beyond the common handshake.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terms {
    /// Whether a client that does not offer the subprotocol is refused even when no authentication is configured.
    pub requires_subprotocol: bool,
    /// The reason of a close after a failed authentication, where the route has one of its own.
    pub refusal_reason: Option<&'static str>,
}

/// Answers the upgrade, authenticates the client and then runs `serve`. A client that lacks the subprotocol where
/// it is required gets 403.
pub(crate) fn accept<S, F>(upgrade: WebSocketUpgrade, app: &App, terms: Terms, serve: S) -> Response
where
    S: FnOnce(Socket) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES);
    let is_current_client = upgrade.selected_protocol().is_some();
    let auth_string = app.settings.auth_string.clone();
    if !is_current_client && (auth_string.is_some() || terms.requires_subprotocol) {
        tracing::warn!("refused a WebSocket whose client does not offer the subprotocol 'prefect'");
        return StatusCode::FORBIDDEN.into_response();
    }
    upgrade.on_upgrade(move |socket| async move {
        let mut socket = Socket(socket);
        if is_current_client {
            match authenticate(&mut socket, auth_string.as_deref()).await {
                Ok(()) => {}
                Err(Refusal::Gone) => return,
                Err(Refusal::Denied(reason)) => {
                    tracing::warn!(reason, "closed a WebSocket: authentication failed");
                    let reason = terms.refusal_reason.unwrap_or(reason);
                    return socket.close(close_code::POLICY, reason).await;
                }
            }
        }
        serve(socket).await;
    })
}

enum Refusal {
    /// The client is gone, or its first message is not even an object.
    Gone,
    Denied(&'static str),
}

async fn authenticate(socket: &mut Socket, auth_string: Option<&str>) -> Result<(), Refusal> {
    let message: Value = socket.receive_json().await.ok_or(Refusal::Gone)?;
    let message = message.as_object().ok_or(Refusal::Gone)?;
    if message.get("type").and_then(Value::as_str) != Some("auth") {
        return Err(Refusal::Denied("Expected 'auth' message"));
    }
    if let Some(auth_string) = auth_string {
        let token = message.get("token").and_then(Value::as_str).unwrap_or_default();
        if token.is_empty() {
            return Err(Refusal::Denied("Auth required but no token provided"));
        }
        if !bool::from(token.as_bytes().ct_eq(auth_string.as_bytes())) {
            return Err(Refusal::Denied("Invalid token"));
        }
    }
    if socket.send_text(r#"{"type":"auth_success"}"#).await { Ok(()) } else { Err(Refusal::Gone) }
}

/// An authenticated connection. Dropped without [`Socket::close`] it ends without a close frame, as the
/// reference ends a connection whose messages make no sense.
#[derive(Debug)]
pub(crate) struct Socket(WebSocket);

impl Socket {
    /// The next message of any kind; none when the connection is over. Safe to cancel. A ping is answered when
    /// the connection is next read from or written to, not before.
    pub(crate) async fn receive(&mut self) -> Option<Message> {
        match self.receive_any().await {
            Some(Message::Close(_)) => {
                // Reading on sends the answer to the close.
                self.receive_any().await;
                None
            }
            message => message,
        }
    }

    /// As [`Socket::receive`], with the client's close as a message; it too is answered by reading on.
    pub(crate) async fn receive_any(&mut self) -> Option<Message> {
        self.0.recv().await.and_then(Result::ok)
    }

    /// The next text; none when the connection is over or the client sends bytes.
    pub(crate) async fn receive_text(&mut self) -> Option<Utf8Bytes> {
        loop {
            match self.receive().await? {
                Message::Text(text) => return Some(text),
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Binary(_) | Message::Close(_) => return None,
            }
        }
    }

    /// The next text, read as JSON; none as for [`Socket::receive_text`], and when it cannot be read as `T`.
    pub(crate) async fn receive_json<T: DeserializeOwned>(&mut self) -> Option<T> {
        serde_json::from_str(&self.receive_text().await?).ok()
    }

    /// Sends a text; false when the client is gone.
    pub(crate) async fn send_text(&mut self, text: impl Into<Utf8Bytes>) -> bool {
        self.0.send(Message::Text(text.into())).await.is_ok()
    }

    /// Sends `value` as JSON; false when the client is gone.
    pub(crate) async fn send_json<T: Serialize + Sync>(&mut self, value: &T) -> bool {
        match serde_json::to_string(value) {
            Ok(text) => self.send_text(text).await,
            Err(error) => {
                tracing::error!(%error, "cannot write a message as JSON");
                false
            }
        }
    }

    /// Says goodbye, with a reason that is cut to what the protocol allows.
    pub(crate) async fn close(mut self, code: u16, reason: &str) {
        let end = reason.floor_char_boundary(MAX_REASON_BYTES.min(reason.len()));
        let frame = CloseFrame { code, reason: reason[..end].into() };
        if self.0.send(Message::Close(Some(frame))).await.is_ok() {
            // The client's answer is awaited so that the reset of the connection does not overtake our frame.
            let _ =
                tokio::time::timeout(CLOSE_TIMEOUT, async { while let Some(Ok(_)) = self.0.recv().await {} })
                    .await;
        }
    }
}
