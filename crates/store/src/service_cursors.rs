//! How far services have read something that grows.

use crate::{Result, Tx, params};

/// The position, if the service has one.
pub async fn read(tx: &mut Tx, name: &str) -> Result<Option<i64>> {
    tx.scalar("SELECT position FROM service_cursor WHERE name = ?1", params![name]).await
}

/// Moves the position.
pub async fn write(tx: &mut Tx, name: &str, position: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO service_cursor (name, position) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET position = ?2",
        params![name, position],
    )
    .await?;
    Ok(())
}
