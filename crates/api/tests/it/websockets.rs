//! The WebSockets, from handshake to goodbye.

mod events_in;
mod events_out;
mod handshake;
mod logs_out;
mod worker_channel;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sluice_test_support::TestServer;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

/// A client that may send and receive anything.
pub(crate) struct Client(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    /// Connects with the subprotocol, or without it as old clients do.
    pub(crate) async fn open(
        server: &TestServer,
        path: &str,
        offers_subprotocol: bool,
    ) -> Result<Self, Error> {
        let url = server.url(path).replacen("http", "ws", 1);
        let mut request = url.into_client_request()?;
        if offers_subprotocol {
            request.headers_mut().insert("Sec-WebSocket-Protocol", "prefect".parse().expect("a header"));
        }
        let (stream, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Self(stream))
    }

    /// Connects and authenticates.
    pub(crate) async fn connect(server: &TestServer, path: &str) -> Self {
        let mut client = Self::open(server, path, true).await.expect("the upgrade is accepted");
        client.send(&json!({"type": "auth", "token": null})).await;
        assert_eq!(client.receive().await, json!({"type": "auth_success"}));
        client
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("the frame is sent");
    }

    /// The next text as JSON; pings and pongs are passed over.
    pub(crate) async fn receive(&mut self) -> Value {
        loop {
            match self.0.next().await.expect("open").expect("a message") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("expected a text, got {other:?}"),
            }
        }
    }

    /// Sends a ping and waits for its pong.
    pub(crate) async fn ping(&mut self) {
        self.0.send(Message::Ping("now".into())).await.expect("the ping is sent");
        self.pong().await;
    }

    pub(crate) async fn pong(&mut self) {
        match self.0.next().await.expect("open").expect("a message") {
            Message::Pong(payload) => assert_eq!(&*payload, b"now"),
            other => panic!("expected a pong, got {other:?}"),
        }
    }

    /// The code and the reason with which the server closes; none when it just ends the connection.
    pub(crate) async fn closed(&mut self) -> Option<(u16, String)> {
        while let Some(message) = self.0.next().await {
            match message {
                Ok(Message::Close(Some(frame))) => {
                    return Some((frame.code.into(), frame.reason.to_string()));
                }
                Ok(_) => {}
                Err(_) => return None,
            }
        }
        None
    }
}

/// An event about `resource`, as a client sends it.
pub(crate) fn event(name: &str, resource: &str) -> Value {
    json!({
        "occurred": now(), "event": name, "resource": {"prefect.resource.id": resource}, "related": [],
        "payload": {"of": resource}, "id": Uuid::now_v7(), "follows": null,
    })
}

pub(crate) fn now() -> Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    json!(now.as_secs_f64())
}

/// How many events there are with this name.
pub(crate) async fn count(server: &TestServer, name: &str) -> i64 {
    let (status, page) =
        server.post("/events/filter", json!({"filter": {"event": {"name": [name]}}, "limit": 1})).await;
    assert_eq!(status, 200, "{page}");
    page["total"].as_i64().expect("a total")
}
