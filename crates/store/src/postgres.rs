//! PostgreSQL: a pool of connections, transactions that begin with their first statement, and a connection
//! that listens for what other replicas committed.

mod listen;
mod tls;
mod types;

use std::str::FromStr;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures::future::try_join_all;
use tokio_postgres::Config;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(crate) use listen::listen;
use tls::Tls;
use types::ColumnValue;

use crate::topic::Notices;
use crate::{Result, Row, StoreError, Value};

const CONNECT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// Where the database is and how connections to it are encrypted.
#[derive(Clone)]
pub(crate) struct Target {
    config: Config,
    connector: MakeRustlsConnect,
}

impl Target {
    /// Reads the URL.
    pub(crate) fn from_url(url: &str) -> Result<Self> {
        let (tls, url) = Tls::take_from(url)?;
        let mut config = Config::from_str(&url).map_err(|error| StoreError::InvalidUrl(error.to_string()))?;
        config.ssl_mode(tls.ssl_mode());
        if config.get_application_name().is_none() {
            config.application_name("sluice");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        Ok(Self { config, connector: tls.connector()? })
    }
}

/// A pool of at most `connections`; none is opened yet.
pub(crate) fn pool(target: Target, connections: usize) -> Result<Pool> {
    let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(target.config, target.connector, manager_config);
    Pool::builder(manager)
        .max_size(connections)
        .runtime(Runtime::Tokio1)
        .create_timeout(Some(CONNECT_TIMEOUT))
        .wait_timeout(Some(std::time::Duration::from_secs(30)))
        .build()
        .map_err(|error| StoreError::Internal(error.to_string()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Each statement is its own transaction: for jobs that only read.
    Autocommit,
    /// BEGIN travels with the first statement.
    NotBegun(Begin),
    Open,
}

/// What a transaction sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// Each statement sees what was committed before it. The triggers of the run tallies rely on it.
    Writing,
    /// All statements see what the first saw.
    Snapshot,
}

impl Begin {
    fn text(self) -> &'static str {
        match self {
            Self::Writing => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Self::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        }
    }
}

/// A connection in a transaction. Dropped while the transaction is open, it closes the connection, so that
/// nothing half-done is ever handed to the next job.
#[derive(Debug)]
pub(crate) struct PostgresTx {
    client: Option<Object>,
    phase: Phase,
    has_snapshot: bool,
}

impl PostgresTx {
    pub(crate) fn for_reading(client: Object) -> Self {
        Self { client: Some(client), phase: Phase::Autocommit, has_snapshot: false }
    }

    pub(crate) fn for_snapshot(client: Object) -> Self {
        Self { client: Some(client), phase: Phase::NotBegun(Begin::Snapshot), has_snapshot: true }
    }

    pub(crate) fn for_writing(client: Object) -> Self {
        Self { client: Some(client), phase: Phase::NotBegun(Begin::Writing), has_snapshot: false }
    }

    /// Whether all statements see the same.
    pub(crate) fn has_snapshot(&self) -> bool {
        self.has_snapshot
    }

    fn client(&self) -> Result<&Object> {
        self.client.as_ref().ok_or_else(|| StoreError::Internal("the transaction has ended".to_owned()))
    }

    /// Runs `statement` on the connection, with BEGIN sent ahead of it when the transaction has not begun.
    async fn run<T>(
        &mut self,
        statement: impl AsyncFnOnce(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T> {
        if let Phase::NotBegun(begin) = self.phase {
            self.phase = Phase::Open;
            let client = self.client()?;
            let (begun, outcome) = futures::join!(client.batch_execute(begin.text()), statement(client));
            begun?;
            Ok(outcome?)
        } else {
            Ok(statement(self.client()?).await?)
        }
    }

    pub(crate) async fn execute(&mut self, text: &str, values: &[Value]) -> Result<u64> {
        let statement = self.client()?.prepare_cached(text).await?;
        self.run(async |client| client.execute_raw(&statement, values).await).await
    }

    pub(crate) async fn execute_many(&mut self, text: &str, rows: &[Vec<Value>]) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        let statement = self.client()?.prepare_cached(text).await?;
        self.run(async |client| {
            let changed =
                try_join_all(rows.iter().map(|values| client.execute_raw(&statement, values))).await?;
            Ok(changed.into_iter().sum())
        })
        .await
    }

    pub(crate) async fn query(&mut self, text: &str, values: &[Value]) -> Result<Vec<Row>> {
        let statement = self.client()?.prepare_cached(text).await?;
        let parameters = as_parameters(values);
        let rows = self.run(async |client| client.query(&statement, &parameters).await).await?;
        rows.iter().map(from_postgres).collect()
    }

    /// As [`PostgresTx::query`], with the values of several rows one after the other.
    pub(crate) async fn query_rows(&mut self, text: &str, rows: &[&[Value]]) -> Result<Vec<Row>> {
        let statement = self.client()?.prepare_cached(text).await?;
        let parameters: Vec<&(dyn ToSql + Sync)> =
            rows.iter().flat_map(|row| row.iter()).map(|value| value as &(dyn ToSql + Sync)).collect();
        let found = self.run(async |client| client.query(&statement, &parameters).await).await?;
        found.iter().map(from_postgres).collect()
    }

    /// As [`PostgresTx::execute`] for a text that is not worth keeping prepared.
    pub(crate) async fn execute_dynamic(&mut self, text: &str, values: &[Value]) -> Result<u64> {
        let statement = self.run(async |client| client.prepare(text).await).await?;
        self.run(async |client| client.execute_raw(&statement, values).await).await
    }

    /// As [`PostgresTx::query`] for a text that is not worth keeping prepared.
    pub(crate) async fn query_dynamic(&mut self, text: &str, values: &[Value]) -> Result<Vec<Row>> {
        let parameters: Vec<(&(dyn ToSql + Sync), Type)> =
            values.iter().map(|value| (value as &(dyn ToSql + Sync), types::wire_type(value))).collect();
        let rows = self.run(async |client| client.query_typed(text, &parameters).await).await?;
        rows.iter().map(from_postgres).collect()
    }

    pub(crate) async fn execute_script(&mut self, text: &str) -> Result<()> {
        self.run(async |client| client.batch_execute(text).await).await
    }

    /// Commits, and tells the other replicas whom this concerns.
    pub(crate) async fn commit(mut self, notices: &Notices) -> Result<()> {
        if self.phase == Phase::Open {
            let mut script = String::new();
            for name in notices.names() {
                script.push_str(&format!("NOTIFY {}, '{name}';", listen::CHANNEL));
            }
            script.push_str("COMMIT");
            self.client()?.batch_execute(&script).await?;
            self.phase = Phase::Autocommit;
        }
        Ok(())
    }

    /// Takes everything back and keeps the connection.
    pub(crate) async fn roll_back(mut self) {
        if self.phase == Phase::Open
            && let Some(client) = &self.client
            && client.batch_execute("ROLLBACK").await.is_ok()
        {
            self.phase = Phase::Autocommit;
        }
    }
}

impl Drop for PostgresTx {
    fn drop(&mut self) {
        if self.phase == Phase::Open
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}

fn as_parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn from_postgres(row: &tokio_postgres::Row) -> Result<Row> {
    (0..row.len())
        .map(|index| Ok(row.try_get::<_, ColumnValue>(index)?.0))
        .collect::<Result<Vec<_>>>()
        .map(Row)
}
