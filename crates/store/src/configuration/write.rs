use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Sets the value under `key`.
pub async fn write(
    tx: &mut Tx,
    workspace: WorkspaceId,
    key: &str,
    value: &RawJson,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "INSERT INTO configuration (workspace_id, key, value, created, updated) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (workspace_id, key) DO UPDATE SET value = EXCLUDED.value, updated = EXCLUDED.updated",
        params![workspace, key, value, now],
    )
    .await?;
    Ok(())
}

/// Sets the value under `key` unless there is one.
pub async fn write_new(
    tx: &mut Tx,
    workspace: WorkspaceId,
    key: &str,
    value: &RawJson,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "INSERT INTO configuration (workspace_id, key, value, created, updated) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (workspace_id, key) DO NOTHING",
        params![workspace, key, value, now],
    )
    .await?;
    Ok(())
}
