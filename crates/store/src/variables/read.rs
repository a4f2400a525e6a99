use sluice_wire::ids::{VariableId, WorkspaceId};
use sluice_wire::variables::Variable;

use super::from_row;
use crate::{Result, Tx, params};

/// The variable, if it exists.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: VariableId) -> Result<Option<Variable>> {
    tx.query_first(
        "SELECT id, created, updated, name, value, tags FROM variable WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id],
    )
    .await?
    .map(from_row)
    .transpose()
}

/// The variable of this name, if it exists.
pub async fn read_by_name(tx: &mut Tx, workspace: WorkspaceId, name: &str) -> Result<Option<Variable>> {
    tx.query_first(
        "SELECT id, created, updated, name, value, tags FROM variable WHERE workspace_id = ?1 AND name = ?2",
        params![workspace, name],
    )
    .await?
    .map(from_row)
    .transpose()
}
