//! The embedded database: one writer thread that commits in groups, a few reader threads.

mod readers;
mod writer;

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};

pub(crate) use readers::Readers;
pub(crate) use writer::Writer;

use crate::{Result, Row, StoreError, Tx, Value};

/// What a job's thread does with it: `Err` means that the transaction could not begin. The answer is called
/// with the outcome of the commit.
pub(crate) type Job = Box<dyn FnOnce(Result<&mut Tx>) -> Answer + Send>;
pub(crate) type Answer = Box<dyn FnOnce(Result<()>) + Send>;

const STATEMENT_CACHE: usize = 256;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the log may stay after it was moved, in bytes: longer than it usually gets, or it would be cut and grown
/// anew.
const LOG_BYTES: i64 = 32 << 20;

/// Opens a connection for writing; creates the file when it does not exist.
pub(crate) fn open_for_writing(path: &Path) -> Result<Connection> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory).map_err(|error| {
            StoreError::Unavailable(format!("cannot create {}: {error}", directory.display()))
        })?;
    }
    let opened = |path: &Path| -> rusqlite::Result<Connection> {
        // Sets `synchronous = FULL`, with the first statement that looks into the file.
        let connection = sluice_sqlite_log::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        Ok(connection)
    };
    let connection = opened(path).map_err(|error| {
        if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
            StoreError::InvalidUrl(format!("{} is not a SQLite database: name another file", path.display()))
        } else {
            error.into()
        }
    })?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    connection.pragma_update(None, "cache_size", -8_000)?;
    // Savepoints keep what they would restore: in memory, or every larger job opens a temporary file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Opens a connection that can only read. The file must exist.
pub(crate) fn open_for_reading(path: &Path) -> Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "cache_size", -4_000)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Statements stay prepared, and their plans do not depend on the values that are bound: else SQLite would prepare
/// them anew for values that it has not seen.
fn keep_statements(connection: &Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// A connection in a transaction.
#[derive(Debug)]
pub(crate) struct SqliteTx(pub(crate) Connection);

impl SqliteTx {
    pub(crate) fn execute(&mut self, text: &str, values: &[Value]) -> Result<u64> {
        let mut statement = self.0.prepare_cached(text)?;
        let changed = statement.execute(rusqlite::params_from_iter(values))?;
        Ok(changed as u64)
    }

    pub(crate) fn query(&mut self, text: &str, values: &[Value]) -> Result<Vec<Row>> {
        let mut statement = self.0.prepare_cached(text)?;
        let width = statement.column_count();
        let mut found = Vec::new();
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let mut columns = Vec::with_capacity(width);
            for index in 0..width {
                columns.push(from_sqlite(row.get_ref(index)?)?);
            }
            found.push(Row(columns));
        }
        Ok(found)
    }

    pub(crate) fn execute_script(&mut self, text: &str) -> Result<()> {
        Ok(self.0.execute_batch(text)?)
    }
}

fn from_sqlite(value: ValueRef<'_>) -> Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Float(number),
        ValueRef::Text(bytes) => Value::Text(
            std::str::from_utf8(bytes).map_err(|error| StoreError::Corrupt(error.to_string()))?.to_owned(),
        ),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Bool(truth) => ValueRef::Integer((*truth).into()),
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Float(number) => ValueRef::Real(*number),
            Self::Text(text) | Self::Json(text) => ValueRef::Text(text.as_bytes()),
            Self::Uuid(id) => ValueRef::Blob(id.as_bytes()),
            Self::Time(time) => ValueRef::Integer(time.as_micros()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
