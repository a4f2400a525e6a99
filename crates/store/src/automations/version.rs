use crate::{Dialect, Result, Topic, Tx};

const NAME: &str = "automations";

/// A number that grows with every change of any automation: who evaluates them knows by it that its copies are old.
pub async fn version(tx: &mut Tx) -> Result<i64> {
    let version =
        tx.scalar("SELECT position FROM service_cursor WHERE name = ?1", crate::params![NAME]).await?;
    Ok(version.unwrap_or(0))
}

/// As [`version`]; no automation changes before this transaction ends.
pub async fn hold_version(tx: &mut Tx) -> Result<i64> {
    let text = match tx.dialect() {
        Dialect::Sqlite => "SELECT position FROM service_cursor WHERE name = ?1",
        Dialect::Postgres => "SELECT position FROM service_cursor WHERE name = ?1 FOR SHARE",
    };
    Ok(tx.scalar(text, crate::params![NAME]).await?.unwrap_or(0))
}

/// Tells who evaluates automations that one has changed.
pub(super) async fn bump(tx: &mut Tx) -> Result<()> {
    tx.execute(
        "INSERT INTO service_cursor (name, position) VALUES (?1, 1)
         ON CONFLICT (name) DO UPDATE SET position = service_cursor.position + 1",
        crate::params![NAME],
    )
    .await?;
    tx.notify(Topic::Automations);
    Ok(())
}
