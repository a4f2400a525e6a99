//! Sends events over `/events/in` as the SDK's events client does: one connection, one frame an event, and a
//! ping every 700 events whose pong confirms everything sent before it. After a lost connection everything
//! unconfirmed is sent again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::failure::Failure;
use crate::http_client::HttpClient;

/// An open WebSocket.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The SDK confirms every so many events.
const CHECKPOINT_EVERY: usize = 700;

/// The SDK gives up after so many attempts in a row to connect again.
const RECONNECTIONS: usize = 10;

/// No attempt to connect again starts later than this, so that a server that only hangs ends the scenario.
const RECOVER_WITHIN: Duration = Duration::from_secs(60);

/// Longest wait for a pong or for the handshake.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// A connected client.
#[derive(Debug)]
pub(crate) struct EventStream {
    url: String,
    socket: Socket,
    unconfirmed: VecDeque<String>,
    pings: u64,
    /// Events that a pong has confirmed.
    pub(crate) confirmed: u64,
    /// How often the connection was lost and made again.
    pub(crate) reconnections: u64,
}

impl EventStream {
    /// Connects and authenticates.
    pub(crate) async fn connect(client: &HttpClient) -> Result<Self, Failure> {
        let url = client.websocket_url("/events/in");
        let socket = handshake(&url).await?;
        Ok(Self { url, socket, unconfirmed: VecDeque::new(), pings: 0, confirmed: 0, reconnections: 0 })
    }

    /// Sends one event (its JSON text), and confirms when enough are outstanding.
    pub(crate) async fn send(&mut self, event: String) -> Result<(), Failure> {
        self.unconfirmed.push_back(event.clone());
        if let Err(failure) = self.transmit(event).await {
            self.recover(failure).await?;
        }
        if self.unconfirmed.len() >= CHECKPOINT_EVERY {
            self.confirm().await?;
        }
        Ok(())
    }

    /// Waits until the server has confirmed everything sent so far.
    pub(crate) async fn confirm(&mut self) -> Result<(), Failure> {
        while !self.unconfirmed.is_empty() {
            match self.ping().await {
                Ok(()) => {
                    self.confirmed += self.unconfirmed.len() as u64;
                    self.unconfirmed.clear();
                }
                Err(failure) => self.recover(failure).await?,
            }
        }
        Ok(())
    }

    /// Closes the connection in order.
    pub(crate) async fn close(mut self) {
        self.socket.close(None).await.ok();
    }

    async fn transmit(&mut self, event: String) -> Result<(), Failure> {
        let sent = tokio::time::timeout(ANSWER_WITHIN, self.socket.send(Message::text(event))).await;
        sent.map_err(|_| timed_out("taking an event"))?.map_err(stream_failure)
    }

    async fn ping(&mut self) -> Result<(), Failure> {
        self.pings += 1;
        ping(&mut self.socket, self.pings).await
    }

    /// Connects again and sends everything unconfirmed again.
    async fn recover(&mut self, mut failure: Failure) -> Result<(), Failure> {
        let last_attempt = Instant::now() + RECOVER_WITHIN;
        for attempt in 0..RECONNECTIONS {
            if attempt > 1 {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            match self.reconnect().await {
                Ok(()) => return Ok(()),
                Err(next) if Instant::now() > last_attempt => return Err(next),
                Err(next) => failure = next,
            }
        }
        Err(failure)
    }

    async fn reconnect(&mut self) -> Result<(), Failure> {
        self.socket = handshake(&self.url).await?;
        self.reconnections += 1;
        for event in self.unconfirmed.clone() {
            self.transmit(event).await?;
        }
        Ok(())
    }
}

/// Connects and authenticates as every WebSocket of the API wants it.
pub(crate) async fn handshake(url: &str) -> Result<Socket, Failure> {
    let uri = url.parse().map_err(|error| Failure::EventStream(format!("{url}: {error}")))?;
    let request = ClientRequestBuilder::new(uri).with_sub_protocol("prefect");
    let connected = tokio::time::timeout(ANSWER_WITHIN, connect_async(request)).await;
    let (mut socket, _) = connected.map_err(|_| timed_out("connecting"))?.map_err(stream_failure)?;
    ping(&mut socket, 0).await?;
    socket.send(Message::text(r#"{"type":"auth","token":null}"#)).await.map_err(stream_failure)?;
    let answer = wait_for(&mut socket, "authenticating", |message| match message {
        Message::Text(text) => Some(text.to_string()),
        _ => None,
    })
    .await?;
    if answer.contains("auth_success") {
        Ok(socket)
    } else {
        Err(Failure::EventStream(format!("authentication answered {answer}")))
    }
}

async fn ping(socket: &mut Socket, number: u64) -> Result<(), Failure> {
    let payload = number.to_be_bytes();
    socket.send(Message::Ping(payload.to_vec().into())).await.map_err(stream_failure)?;
    wait_for(socket, "answering a ping", |message| match message {
        Message::Pong(data) if data.as_ref() == payload => Some(()),
        _ => None,
    })
    .await
}

/// Reads messages until one is the awaited one.
async fn wait_for<T>(
    socket: &mut Socket,
    doing: &str,
    awaited: impl Fn(Message) -> Option<T>,
) -> Result<T, Failure> {
    let reading = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => {
                    return Err(Failure::EventStream(format!("closed by the server: {frame:?}")));
                }
                Some(Ok(message)) => {
                    if let Some(found) = awaited(message) {
                        return Ok(found);
                    }
                }
                Some(Err(error)) => return Err(stream_failure(error)),
                None => return Err(Failure::EventStream("closed by the server".to_owned())),
            }
        }
    };
    tokio::time::timeout(ANSWER_WITHIN, reading).await.map_err(|_| timed_out(doing))?
}

fn timed_out(doing: &str) -> Failure {
    Failure::EventStream(format!("the server did not finish {doing} within {} s", ANSWER_WITHIN.as_secs()))
}

pub(crate) fn stream_failure(error: tokio_tungstenite::tungstenite::Error) -> Failure {
    Failure::EventStream(error.to_string())
}
