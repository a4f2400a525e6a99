//! Follows events over `/events/out` as the SDK's event subscriber does: one connection, one filter.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::event_stream::{Socket, handshake, stream_failure};
use crate::failure::Failure;
use crate::http_client::HttpClient;

/// No scenario lasts longer.
const LISTENS_FOR: Duration = Duration::from_secs(86_400);

/// A connected subscriber.
#[derive(Debug)]
pub(crate) struct EventSubscription {
    socket: Socket,
}

impl EventSubscription {
    /// Connects and asks for the events whose names begin with one of `prefixes`, from now on.
    pub(crate) async fn connect(client: &HttpClient, prefixes: &[&str]) -> Result<Self, Failure> {
        let mut socket = handshake(&client.websocket_url("/events/out")).await?;
        let now = jiff::Timestamp::now();
        // Without an end, the filter ends now.
        let occurred = json!({"since": now.to_string(), "until": (now + LISTENS_FOR).to_string()});
        let filter = json!({
            "type": "filter", "backfill": false, "filter": {"occurred": occurred, "event": {"prefix": prefixes}},
        });
        socket.send(Message::text(filter.to_string())).await.map_err(stream_failure)?;
        Ok(Self { socket })
    }

    /// The next event, if one comes within `patience`.
    pub(crate) async fn next(&mut self, patience: Duration) -> Result<Option<Value>, Failure> {
        let reading = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let mut message: Value = serde_json::from_str(&text)?;
                        return Ok(message.get_mut("event").map(Value::take));
                    }
                    Some(Ok(Message::Close(_))) | None => {
                        return Err(Failure::EventStream("the server closed /events/out".to_owned()));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(stream_failure(error)),
                }
            }
        };
        tokio::time::timeout(patience, reading).await.unwrap_or(Ok(None))
    }
}
