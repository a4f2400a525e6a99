//! A transaction of either database.

use std::collections::HashSet;
use std::fmt::Write;

use sluice_wire::ids::WorkQueueId;
use uuid::Uuid;

use crate::dialect::postgres_placeholders;
use crate::postgres::PostgresTx;
use crate::sqlite::SqliteTx;
use crate::topic::{Notices, Topic};
use crate::{Dialect, FromValue, Result, Row, Sql, Value};

/// How many rows PostgreSQL is given at once: few different statements, each prepared once.
const INSERT_SIZES: [usize; 3] = [128, 16, 1];

fn insert_text(into: &str, width: usize, count: usize) -> String {
    let mut text = format!("INSERT INTO {into} VALUES ");
    for row in 0..count {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}?{}", if column == 0 { "" } else { ", " }, row * width + column + 1);
        }
        text.push(')');
    }
    text.push_str(" ON CONFLICT DO NOTHING");
    text
}

/// What a job reads and writes through. Statements are written with `?1`, `?2`, ... for both databases.
#[derive(Debug)]
pub struct Tx {
    backend: Backend,
    pub(crate) notices: Notices,
    /// Other jobs have written in this transaction (SQLite): who fails takes back only what is its own.
    pub(crate) has_earlier_jobs: bool,
    /// The only job of this transaction failed (SQLite).
    pub(crate) must_roll_back: bool,
}

#[derive(Debug)]
pub(crate) enum Backend {
    Sqlite(SqliteTx),
    Postgres(PostgresTx),
}

impl Tx {
    pub(crate) fn new(backend: Backend) -> Self {
        Self { backend, notices: Notices::default(), has_earlier_jobs: false, must_roll_back: false }
    }

    pub(crate) fn into_backend(self) -> Backend {
        self.backend
    }

    pub(crate) fn backend(&mut self) -> &mut Backend {
        &mut self.backend
    }

    /// The database behind this transaction.
    pub fn dialect(&self) -> Dialect {
        match self.backend {
            Backend::Sqlite(_) => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Whether all statements that only read see the same. On PostgreSQL: in [`crate::Store::read_snapshot`] only.
    pub fn has_snapshot(&self) -> bool {
        match &self.backend {
            Backend::Sqlite(_) => true,
            Backend::Postgres(postgres) => postgres.has_snapshot(),
        }
    }

    /// Wakes who waits for `topic`, on every replica, once this transaction is committed.
    pub fn notify(&mut self, topic: Topic) {
        self.notices.add(topic);
    }

    /// Wakes who waits for runs of this queue, on every replica, once this transaction is committed.
    pub(crate) fn notify_scheduled(&mut self, queue: WorkQueueId) {
        self.notices.add_scheduled(queue);
    }

    /// Runs a static statement; returns how many rows it changed.
    pub async fn execute(&mut self, text: &'static str, values: Vec<Value>) -> Result<u64> {
        match &mut self.backend {
            Backend::Sqlite(sqlite) => sqlite.execute(text, &values),
            Backend::Postgres(postgres) => postgres.execute(&postgres_placeholders(text), &values).await,
        }
    }

    /// Runs a static statement once for each list of values: a prepared loop on SQLite, pipelined on PostgreSQL.
    /// Returns how many rows were changed in all.
    pub async fn execute_many(&mut self, text: &'static str, rows: Vec<Vec<Value>>) -> Result<u64> {
        match &mut self.backend {
            Backend::Sqlite(sqlite) => {
                let mut changed = 0;
                for values in &rows {
                    changed += sqlite.execute(text, values)?;
                }
                Ok(changed)
            }
            Backend::Postgres(postgres) => postgres.execute_many(&postgres_placeholders(text), &rows).await,
        }
    }

    /// Inserts those rows whose key is not taken; returns for each whether it was inserted. `into` names the table
    /// and its columns, `event (id, ...)`; the first column is the key, an id, and no key comes twice in `rows`.
    pub(crate) async fn insert_new(&mut self, into: &'static str, rows: &[&[Value]]) -> Result<Vec<bool>> {
        match &mut self.backend {
            Backend::Sqlite(sqlite) => {
                let Some(width) = rows.first().map(|row| row.len()) else { return Ok(Vec::new()) };
                let text = insert_text(into, width, 1);
                rows.iter().map(|row| Ok(sqlite.execute(&text, row)? == 1)).collect()
            }
            Backend::Postgres(postgres) => {
                let mut inserted = HashSet::with_capacity(rows.len());
                let mut rest = rows;
                while let Some(first) = rest.first() {
                    let count = INSERT_SIZES.into_iter().find(|size| *size <= rest.len()).unwrap_or(1);
                    let (chunk, after) = rest.split_at(count);
                    rest = after;
                    let text = insert_text(into, first.len(), count) + " RETURNING id";
                    for row in postgres.query_rows(&postgres_placeholders(&text), chunk).await? {
                        inserted.insert(row.scalar::<Uuid>()?);
                    }
                }
                Ok(rows
                    .iter()
                    .map(|row| matches!(row.first(), Some(Value::Uuid(id)) if inserted.contains(id)))
                    .collect())
            }
        }
    }

    /// Inserts rows, those whose key is taken aside.
    pub(crate) async fn insert_all(&mut self, into: &'static str, rows: &[&[Value]]) -> Result<()> {
        let Some(width) = rows.first().map(|row| row.len()) else { return Ok(()) };
        match &mut self.backend {
            Backend::Sqlite(sqlite) => {
                let text = insert_text(into, width, 1);
                for row in rows {
                    sqlite.execute(&text, row)?;
                }
            }
            Backend::Postgres(postgres) => {
                let mut rest = rows;
                while !rest.is_empty() {
                    let count = INSERT_SIZES.into_iter().find(|size| *size <= rest.len()).unwrap_or(1);
                    let (chunk, after) = rest.split_at(count);
                    rest = after;
                    postgres
                        .query_rows(&postgres_placeholders(&insert_text(into, width, count)), chunk)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// Runs a static statement; returns its rows.
    pub async fn query(&mut self, text: &'static str, values: Vec<Value>) -> Result<Vec<Row>> {
        match &mut self.backend {
            Backend::Sqlite(sqlite) => sqlite.query(text, &values),
            Backend::Postgres(postgres) => postgres.query(&postgres_placeholders(text), &values).await,
        }
    }

    /// As [`Tx::query`], and locks the rows until the transaction ends.
    pub async fn query_for_update(&mut self, text: &'static str, values: Vec<Value>) -> Result<Vec<Row>> {
        match &mut self.backend {
            Backend::Sqlite(sqlite) => sqlite.query(text, &values),
            Backend::Postgres(postgres) => {
                let text = postgres_placeholders(text) + Dialect::Postgres.for_update();
                postgres.query(&text, &values).await
            }
        }
    }

    /// The first row of a static statement, if there is one.
    pub async fn query_first(&mut self, text: &'static str, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.query(text, values).await?.into_iter().next())
    }

    /// The first column of the first row of a static statement, if there is one.
    pub async fn scalar<T: FromValue>(
        &mut self,
        text: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<T>> {
        self.query_first(text, values).await?.map(Row::scalar).transpose()
    }

    /// Runs a statement that was put together; returns how many rows it changed.
    pub async fn execute_sql(&mut self, sql: Sql) -> Result<u64> {
        let (text, values) = sql.into_parts();
        match &mut self.backend {
            Backend::Sqlite(sqlite) => sqlite.execute(&text, &values),
            Backend::Postgres(postgres) => {
                postgres.execute_dynamic(&postgres_placeholders(&text), &values).await
            }
        }
    }

    /// As [`Tx::execute_sql`], for one of few texts that come often: they stay prepared.
    pub(crate) async fn execute_often(&mut self, sql: Sql) -> Result<u64> {
        let (text, values) = sql.into_parts();
        match &mut self.backend {
            Backend::Sqlite(sqlite) => sqlite.execute(&text, &values),
            Backend::Postgres(postgres) => postgres.execute(&postgres_placeholders(&text), &values).await,
        }
    }

    /// Runs a statement that was put together; returns its rows.
    pub async fn query_sql(&mut self, sql: Sql) -> Result<Vec<Row>> {
        let (text, values) = sql.into_parts();
        match &mut self.backend {
            Backend::Sqlite(sqlite) => sqlite.query(&text, &values),
            Backend::Postgres(postgres) => {
                postgres.query_dynamic(&postgres_placeholders(&text), &values).await
            }
        }
    }

    /// The first column of the first row of a statement that was put together, if there is one.
    pub async fn scalar_sql<T: FromValue>(&mut self, sql: Sql) -> Result<Option<T>> {
        self.query_sql(sql).await?.into_iter().next().map(Row::scalar).transpose()
    }
}
