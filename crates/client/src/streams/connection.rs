//! A WebSocket on which the handshake is done.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::http::use_ring;
use crate::target::{Credentials, Target};
use crate::{API_VERSION, CLIENT_VERSION};

/// How long connecting and the handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(20);

/// Why a stream cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// There is no connection, or no longer.
    #[error("cannot reach {url}: {cause}; is the server running? (`sluice server start` starts one)")]
    Unreachable {
        /// The address of the stream.
        url: String,
        /// What the network said.
        cause: String,
    },
    /// The server closed the stream and said why: with 1002 and 1008 it would do so again.
    #[error("the server closed {url}: {reason} ({code})")]
    Closed {
        /// The address of the stream.
        url: String,
        /// The code of the close frame.
        code: u16,
        /// The reason in it.
        reason: String,
    },
    /// A frame is not what the protocol says.
    #[error("a frame of {url} makes no sense: {cause}")]
    Nonsense {
        /// The address of the stream.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
}

impl StreamError {
    /// Whether connecting again may help.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Closed { code, .. } => !matches!(code, 1002 | 1003 | 1007 | 1008),
            Self::Nonsense { .. } => false,
        }
    }
}

/// A WebSocket that the server has accepted. Frames are JSON texts.
pub struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    url: String,
}

impl Connection {
    /// Connects to a stream, `/events/out` for example, and says who asks.
    pub async fn open(target: &Target, path: &str) -> Result<Self, StreamError> {
        let url = target.websocket_url(path);
        match tokio::time::timeout(HANDSHAKE, Self::shake_hands(target, url.clone())).await {
            Ok(connection) => connection,
            Err(_) => {
                let cause = format!("no answer within {} s", HANDSHAKE.as_secs());
                Err(StreamError::Unreachable { url, cause })
            }
        }
    }

    async fn shake_hands(target: &Target, url: String) -> Result<Self, StreamError> {
        use_ring();
        let unreachable = |cause: String| StreamError::Unreachable { url: url.clone(), cause };
        let mut request =
            url.as_str().into_client_request().map_err(|error| unreachable(error.to_string()))?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", HeaderValue::from_static("prefect"));
        let agent = format!("prefect/{CLIENT_VERSION} (API {API_VERSION})");
        if let Ok(agent) = HeaderValue::try_from(agent) {
            headers.insert("user-agent", agent);
        }
        let (socket, _) = tokio_tungstenite::connect_async(request)
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        let mut connection = Self { socket, url };
        let token = match &target.credentials {
            Credentials::None => None,
            Credentials::AuthString(token) | Credentials::ApiKey(token) => Some(token),
        };
        connection.send(&json!({ "type": "auth", "token": token })).await?;
        let answer: Value = connection.receive().await?;
        if answer["type"] != "auth_success" {
            return Err(connection.nonsense("expected auth_success"));
        }
        Ok(connection)
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &impl Serialize) -> Result<(), StreamError> {
        let text = serde_json::to_string(frame).map_err(|error| self.nonsense(error))?;
        let sent = self.socket.send(Message::text(text)).await;
        sent.map_err(|error| self.broken(&error))
    }

    /// The next frame. Safe to be dropped while it waits.
    pub async fn receive<T: DeserializeOwned>(&mut self) -> Result<T, StreamError> {
        let text = self.receive_text().await?;
        serde_json::from_str(&text).map_err(|error| self.nonsense(error))
    }

    /// The next frame as text.
    pub async fn receive_text(&mut self) -> Result<String, StreamError> {
        loop {
            match self.next_message().await? {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Close(frame) => return Err(self.closed(frame.as_ref())),
                // Pings are answered by the library.
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Sends a ping and waits until the server has answered it: it has dealt with everything that was sent before.
    pub async fn confirm(&mut self) -> Result<(), StreamError> {
        let sent = self.socket.send(Message::Ping(Vec::new().into())).await;
        sent.map_err(|error| self.broken(&error))?;
        loop {
            match self.next_message().await? {
                Message::Pong(_) => return Ok(()),
                Message::Close(frame) => return Err(self.closed(frame.as_ref())),
                _ => {}
            }
        }
    }

    /// Says goodbye; what goes wrong with it does not matter.
    pub async fn close(mut self) {
        let _ = self.socket.close(None).await;
    }

    async fn next_message(&mut self) -> Result<Message, StreamError> {
        match self.socket.next().await {
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => Err(self.broken(&error)),
            None => Err(StreamError::Unreachable {
                url: self.url.clone(),
                cause: "the connection ended".to_owned(),
            }),
        }
    }

    fn broken(&self, error: &tungstenite::Error) -> StreamError {
        StreamError::Unreachable { url: self.url.clone(), cause: error.to_string() }
    }

    fn closed(&self, frame: Option<&CloseFrame>) -> StreamError {
        let (code, reason) = frame.map_or((1005, "no reason given".to_owned()), |frame| {
            (frame.code.into(), frame.reason.as_str().to_owned())
        });
        StreamError::Closed { url: self.url.clone(), code, reason }
    }

    fn nonsense(&self, cause: impl std::fmt::Display) -> StreamError {
        StreamError::Nonsense { url: self.url.clone(), cause: cause.to_string() }
    }
}
