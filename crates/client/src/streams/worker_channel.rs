//! `/work_pools/{name}/workers/connect`: the channel of a worker.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::connection::{Connection, StreamError};
use crate::nouns::segment;
use crate::target::Target;

/// A channel on which the handshake is done; `worker.hello.v1` comes next.
pub struct WorkerChannel(Connection);

impl WorkerChannel {
    /// Connects to the channel of a pool.
    pub async fn open(target: &Target, pool: &str) -> Result<Self, StreamError> {
        Connection::open(target, &format!("/work_pools/{}/workers/connect", segment(pool))).await.map(Self)
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &impl Serialize) -> Result<(), StreamError> {
        self.0.send(frame).await
    }

    /// The next frame. Safe to be dropped while it waits.
    pub async fn receive<T: DeserializeOwned>(&mut self) -> Result<T, StreamError> {
        self.0.receive().await
    }
}
