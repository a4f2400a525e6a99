//! The order of transactions, for who follows what other processes commit (PostgreSQL).

use crate::{Dialect, FromValue, Result, Tx, Value};

/// A point in the order of transactions: all that began before it have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommitHorizon(i64);

impl CommitHorizon {
    pub(crate) fn position(self) -> i64 {
        self.0
    }
}

impl FromValue for CommitHorizon {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Self)
    }
}

/// The latest point before which nothing is under way. None on SQLite, which has one process.
pub async fn commit_horizon(tx: &mut Tx) -> Result<Option<CommitHorizon>> {
    match tx.dialect() {
        Dialect::Sqlite => Ok(None),
        Dialect::Postgres => {
            tx.scalar(
                "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)",
                Vec::new(),
            )
            .await
        }
    }
}
