use sluice_wire::flows::Flow;
use sluice_wire::ids::{FlowId, WorkspaceId};

use super::from_row;
use crate::{Result, Tx, params};

/// The flow, if it exists.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: FlowId) -> Result<Option<Flow>> {
    tx.query_first(
        "SELECT id, created, updated, name, tags, labels FROM flow WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id],
    )
    .await?
    .map(from_row)
    .transpose()
}

/// The flow of this name, if it exists.
pub async fn read_by_name(tx: &mut Tx, workspace: WorkspaceId, name: &str) -> Result<Option<Flow>> {
    tx.query_first(
        "SELECT id, created, updated, name, tags, labels FROM flow WHERE workspace_id = ?1 AND name = ?2",
        params![workspace, name],
    )
    .await?
    .map(from_row)
    .transpose()
}
