//! A file layer for SQLite that writes a commit to the write-ahead log in one go.
//!
//! SQLite hands each page of a commit to the operating system in two pieces, a header and the page: a commit of 14
//! pages is 28 system calls, which cost a small commit more than its SQL. [`open`] opens a database whose log gathers
//! what is appended to it and writes it when it must be on disk. Only the log of that connection is touched; the
//! database, the shared memory and the locks stay those of SQLite's own file layer, so that other connections and other
//! programs may use the database at the same time as ever.
//!
//! **The connection must stay at `synchronous = FULL`**, which [`open`] sets: SQLite then syncs the log of each commit
//! before it tells readers about it, and that sync is when the gathered writes are done. At a lower setting readers would
//! look for pages that nobody has written.
//!
//! This is the only crate of the project with unsafe code. It knows nothing else of the project.

mod gathered;
mod layer;

use std::path::Path;

use rusqlite::ffi::{Error as Code, SQLITE_MISUSE};
use rusqlite::{Connection, Error, OpenFlags};

/// Opens a database for writing, makes its file if there is none, and sets `synchronous = FULL`.
///
/// # Errors
/// Those of [`Connection::open_with_flags`]; and `SQLITE_MISUSE` when SQLite was built without a file layer of its own.
pub fn open(path: &Path) -> rusqlite::Result<Connection> {
    let Some(name) = layer::registered() else {
        let reason = "this SQLite has no file layer to build on".to_owned();
        return Err(Error::SqliteFailure(Code::new(SQLITE_MISUSE), Some(reason)));
    };
    let connection = Connection::open_with_flags_and_vfs(path, OpenFlags::default(), name)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}
