use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;
use sluice_wire::variables::Variable;

use super::event::push_event;
use crate::{Result, Tx, params};

/// Deletes a variable that was just read.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, variable: &Variable, now: Timestamp) -> Result<()> {
    tx.execute("DELETE FROM variable WHERE workspace_id = ?1 AND id = ?2", params![workspace, variable.id])
        .await?;
    push_event(tx, workspace, "deleted", variable, now).await
}
