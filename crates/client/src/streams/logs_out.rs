//! `/logs/out`: hears of log lines.

use serde::Deserialize;
use serde_json::json;
use sluice_wire::filters::LogFilter;
use sluice_wire::logs::Log;

use super::connection::{Connection, StreamError};
use crate::target::Target;

/// A stream of the log lines that match a filter.
pub struct LogsOut(Connection);

#[derive(Deserialize)]
struct Frame {
    log: Log,
}

impl LogsOut {
    /// Connects and says which lines are wanted.
    pub async fn open(target: &Target, filter: &LogFilter) -> Result<Self, StreamError> {
        let mut connection = Connection::open(target, "/logs/out").await?;
        connection.send(&json!({ "type": "filter", "filter": filter })).await?;
        Ok(Self(connection))
    }

    /// The next line. Safe to be dropped while it waits.
    pub async fn next(&mut self) -> Result<Log, StreamError> {
        Ok(self.0.receive::<Frame>().await?.log)
    }
}
