use sluice_wire::ids::{BlockDocumentId, WorkspaceId};

use crate::{Result, Tx, params};

/// Whether there is such a document.
pub async fn exists(tx: &mut Tx, workspace: WorkspaceId, id: BlockDocumentId) -> Result<bool> {
    let found: Option<i64> = tx
        .scalar(
            "SELECT count(*) FROM block_document WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    Ok(found.is_some_and(|found| found > 0))
}
