use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::MAXIMUM_DELIVERIES;
use super::settle::{bury, free};
use crate::{Dialect, Result, Tx, params};

/// What [`expire`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// Messages that wait again.
    pub redelivered: usize,
    /// Messages that were delivered too often.
    pub dead: usize,
}

/// Takes messages of all workspaces back from workers that did not answer in time, at most `limit`.
pub async fn expire(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Expired> {
    let text = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT id, delivery_count FROM cleanup_message WHERE lease_expires <= ?1 ORDER BY id LIMIT ?2"
        }
        Dialect::Postgres => {
            "SELECT id, delivery_count FROM cleanup_message WHERE lease_expires <= ?1 ORDER BY id LIMIT ?2
             FOR UPDATE SKIP LOCKED"
        }
    };
    let mut expired = Expired::default();
    for row in tx.query(text, params![now, limit]).await? {
        let mut columns = row.columns();
        let message = columns.take::<Uuid>()?;
        if columns.take::<i64>()? >= MAXIMUM_DELIVERIES {
            bury(tx, message).await?;
            expired.dead += 1;
        } else {
            free(tx, message).await?;
            expired.redelivered += 1;
        }
    }
    Ok(expired)
}

/// Whether [`expire`] would find something.
pub async fn any_expired(tx: &mut Tx, now: Timestamp) -> Result<bool> {
    let found: Option<Uuid> =
        tx.scalar("SELECT id FROM cleanup_message WHERE lease_expires <= ?1 LIMIT 1", params![now]).await?;
    Ok(found.is_some())
}
