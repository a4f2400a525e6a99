use sluice_wire::ids::{VariableId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::variables::{Variable, VariableCreate};

use super::event::push_event;
use super::read;
use crate::{Result, Tx, params};

/// Creates the variable; none when its name is taken.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    variable: &VariableCreate,
    now: Timestamp,
) -> Result<Option<Variable>> {
    let id = VariableId::sequential();
    tx.execute(
        "INSERT INTO variable (id, workspace_id, created, updated, name, value, tags)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6) ON CONFLICT (workspace_id, name) DO NOTHING",
        params![id, workspace, now, variable.name.as_str(), &variable.value.0, &variable.tags],
    )
    .await?;
    let created = read(tx, workspace, id).await?;
    if let Some(variable) = &created {
        push_event(tx, workspace, "created", variable, now).await?;
    }
    Ok(created)
}
