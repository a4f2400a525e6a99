//! What can go wrong while storing, in the terms that callers decide by.

/// An error of the store. The API turns each kind into one status code.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A unique key exists already.
    #[error("a row with this key exists already: {0}")]
    Unique(String),
    /// A row that is referred to does not exist, or is still referred to.
    #[error("a referenced row does not exist: {0}")]
    ForeignKey(String),
    /// The database refuses the text, such as a NUL character in PostgreSQL, or a pattern of 50 KB in SQLite.
    #[error("the database cannot take this text: {0}")]
    InvalidText(String),
    /// The database is gone, full or shutting down: the same call may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Another transaction was in the way; the store tries again by itself.
    #[error("the transaction was in conflict with another: {0}")]
    Conflict(String),
    /// The database was written by a newer version of this program.
    #[error("the database has schema version {found}, this program knows {known}: start a newer version")]
    TooNew {
        /// The version in the database.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// A secret cannot be sealed or opened.
    #[error(transparent)]
    Secrets(#[from] sluice_secrets::SecretsError),
    /// The URL does not name a database.
    #[error("invalid database URL: {0}")]
    InvalidUrl(String),
    /// A stored value does not have the type that the code expects.
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
    /// Anything else: a mistake in this program.
    #[error("database error: {0}")]
    Internal(String),
}

/// What SQLite says of a pattern that is longer than it takes; it has no code of its own.
const LONG_PATTERN: &str = "LIKE or GLOB pattern too complex";

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let message = error.to_string();
        if let rusqlite::Error::SqliteFailure(_, Some(reason)) = &error
            && reason == LONG_PATTERN
        {
            return Self::InvalidText(message);
        }
        let rusqlite::Error::SqliteFailure(failure, _) = &error else {
            return Self::Internal(message);
        };
        match (failure.code, failure.extended_code) {
            (
                ErrorCode::ConstraintViolation,
                rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
            ) => Self::Unique(message),
            (ErrorCode::ConstraintViolation, rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => {
                Self::ForeignKey(message)
            }
            (
                ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory,
                _,
            ) => Self::Unavailable(message),
            _ => Self::Internal(message),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(database_error) = error.as_db_error() else {
            return if error.is_closed()
                || std::error::Error::source(&error).is_some_and(|cause| cause.is::<std::io::Error>())
            {
                Self::Unavailable(error.to_string())
            } else {
                Self::Internal(describe(&error))
            };
        };
        let message = format!("{} {}", database_error.message(), database_error.detail().unwrap_or_default());
        let code = database_error.code();
        if *code == SqlState::UNIQUE_VIOLATION {
            Self::Unique(message)
        } else if *code == SqlState::FOREIGN_KEY_VIOLATION {
            Self::ForeignKey(message)
        } else if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
            Self::Conflict(message)
        } else if *code == SqlState::CHARACTER_NOT_IN_REPERTOIRE
            || *code == SqlState::UNTRANSLATABLE_CHARACTER
            // Half of a surrogate pair. Other texts for JSON are never sent.
            || (*code == SqlState::INVALID_TEXT_REPRESENTATION && database_error.message().contains("json"))
        {
            Self::InvalidText(message)
        } else if matches!(code.code().get(..2), Some("08" | "53" | "57" | "58")) {
            // connection exceptions, insufficient resources, operator intervention, system errors
            Self::Unavailable(message)
        } else {
            Self::Internal(message)
        }
    }
}

fn describe(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        use deadpool_postgres::{PoolError, TimeoutType};
        Self::Unavailable(match error {
            PoolError::Backend(error) => describe(&error),
            PoolError::Timeout(TimeoutType::Wait) => "no connection came free in time".to_owned(),
            PoolError::Timeout(_) => "PostgreSQL did not answer in time".to_owned(),
            other => other.to_string(),
        })
    }
}
