use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;

use crate::{Result, Tx, params};

/// The value under `key`, if there is one.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, key: &str) -> Result<Option<RawJson>> {
    tx.scalar("SELECT value FROM configuration WHERE workspace_id = ?1 AND key = ?2", params![workspace, key])
        .await
}
