use super::Fence;
use crate::{Dialect, Result, StoreError, Tx, params};

/// Fails unless the fence still holds; on PostgreSQL the lease cannot change hands before this transaction ends.
pub async fn check(tx: &mut Tx, fence: &Fence) -> Result<()> {
    let text = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT epoch FROM service_lease WHERE service = ?1 AND holder = ?2 AND epoch = ?3"
        }
        Dialect::Postgres => {
            "SELECT epoch FROM service_lease WHERE service = ?1 AND holder = ?2 AND epoch = ?3 FOR SHARE"
        }
    };
    match tx.query_first(text, params![fence.service, fence.holder, fence.epoch]).await? {
        Some(_) => Ok(()),
        None => Err(StoreError::Internal(format!("another replica runs {} now", fence.service))),
    }
}
