//! Tells the engine of a run why it is ended before the signal that ends it, so that it runs the hooks of a cancellation
//! and reports CANCELLED instead of CRASHED: the supervisor's side of the engine's control channel.
//!
//! The engine connects to `PREFECT__CONTROL_PORT`, sends the token of `PREFECT__CONTROL_TOKEN` and a line end, and
//! offers a version of the protocol. It is told that it need not report its outcome, because the server knows it. An
//! intent is one byte that it answers with `a`.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

/// How long an engine may take to say who it is, and to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// An offer of the engine begins like this; its version and what it can do follow, a byte each.
const OFFER: [u8; 3] = *b"\0PF";
/// The answer: version 2, nothing beyond it.
const ANSWER: [u8; 5] = *b"\0PF\x02\x00";
/// What the engine says when it has heard.
const ACKNOWLEDGED: u8 = b'a';

/// Why the signal comes that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// The run is cancelled: the engine runs the hooks and reports it.
    Cancel,
    /// The run is started anew somewhere else: the engine reports nothing.
    Reschedule,
}

impl Intent {
    const fn byte(self) -> u8 {
        match self {
            Self::Cancel => b'c',
            Self::Reschedule => b'r',
        }
    }
}

/// An intent, and who waits to hear that it was heard.
type Order = (Intent, oneshot::Sender<bool>);
/// By token; with a sender once the engine is connected.
type Engines = Mutex<HashMap<String, Option<mpsc::Sender<Order>>>>;

/// Listens for engines.
pub(super) struct ControlChannel {
    port: u16,
    engines: Arc<Engines>,
}

/// One run's place in the channel; given up when dropped.
pub(super) struct Registration {
    port: u16,
    token: String,
    engines: Arc<Engines>,
}

impl ControlChannel {
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let engines = Arc::new(Engines::default());
        tokio::spawn(listen(listener, Arc::downgrade(&engines)));
        Ok(Self { port, engines })
    }

    /// A place for a run that is about to be started.
    pub(super) fn register(&self) -> Registration {
        let token = uuid::Uuid::new_v4().simple().to_string();
        lock(&self.engines).insert(token.clone(), None);
        Registration { port: self.port, token, engines: Arc::clone(&self.engines) }
    }
}

impl Registration {
    /// What the run needs to know.
    pub(super) fn environment(&self) -> [(String, String); 2] {
        [
            ("PREFECT__CONTROL_PORT".to_owned(), self.port.to_string()),
            ("PREFECT__CONTROL_TOKEN".to_owned(), self.token.clone()),
        ]
    }

    /// Tells the engine why it will be ended; returns whether it heard.
    pub(super) async fn tell(&self, intent: Intent) -> bool {
        let Some(engine) = lock(&self.engines).get(&self.token).cloned().flatten() else { return false };
        let (answer, answered) = oneshot::channel();
        if engine.send((intent, answer)).await.is_err() {
            return false;
        }
        matches!(tokio::time::timeout(PATIENCE, answered).await, Ok(Ok(true)))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        lock(&self.engines).remove(&self.token);
    }
}

fn lock(engines: &Engines) -> MutexGuard<'_, HashMap<String, Option<mpsc::Sender<Order>>>> {
    engines.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, engines: Weak<Engines>) {
    while let Ok((stream, _)) = listener.accept().await {
        let Some(engines) = engines.upgrade() else { return };
        tokio::spawn(async move {
            // An engine that goes away, or nonsense: the signal still ends the run.
            let _ = converse(stream, engines).await;
        });
    }
}

async fn converse(stream: TcpStream, engines: Arc<Engines>) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader).take(64);
    let mut token = String::new();
    tokio::time::timeout(PATIENCE, reader.read_line(&mut token)).await??;
    let (order, mut orders) = mpsc::channel(1);
    match lock(&engines).get_mut(token.trim_end()) {
        // A token is good for one connection.
        Some(engine @ None) => *engine = Some(order),
        _ => return Ok(()),
    }
    drop(engines);
    let mut reader = reader.into_inner();
    let mut waiting: Option<oneshot::Sender<bool>> = None;
    loop {
        tokio::select! {
            byte = reader.read_u8() => match byte? {
                ACKNOWLEDGED => {
                    if let Some(answer) = waiting.take() {
                        let _ = answer.send(true);
                    }
                }
                byte if byte == OFFER[0] => {
                    let mut rest = [0; 4];
                    reader.read_exact(&mut rest).await?;
                    if rest[..2] == OFFER[1..] {
                        writer.write_all(&ANSWER).await?;
                    }
                }
                _ => {}
            },
            Some((intent, answer)) = orders.recv() => {
                waiting = Some(answer);
                writer.write_all(&[intent.byte()]).await?;
            }
        }
    }
}
