//! One server a SQLite database: what keeps a second one away.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::Path;

use sluice_store::{DatabaseUrl, StoreError};

use crate::BootError;

/// Claims the database for this process as long as the file that it returns is open; the system gives it back however
/// the process ends. PostgreSQL serves many servers: nothing is claimed.
///
/// # Errors
/// [`BootError::InUse`] when another server has it.
pub(crate) fn claim(database: &DatabaseUrl) -> Result<Option<File>, BootError> {
    let DatabaseUrl::Sqlite(path) = database else { return Ok(None) };
    let mut lock_path = OsString::from(path);
    lock_path.push(".lock");
    let unusable = |error: std::io::Error| {
        StoreError::Unavailable(format!("cannot lock {}: {error}", Path::new(&lock_path).display()))
    };
    let file = File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(BootError::InUse { path: path.clone() }),
        Err(TryLockError::Error(error)) => Err(unusable(error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_claimed_once_and_given_back() {
        let directory = tempfile::tempdir().expect("a directory");
        let database = DatabaseUrl::Sqlite(directory.path().join("sluice.db"));
        let claimed = claim(&database).expect("the first claim");
        let error = claim(&database).expect_err("the second claim");
        assert!(error.to_string().contains("another server uses"), "{error}");
        drop(claimed);
        claim(&database).expect("a claim after the first was given back");
    }
}
