use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::patch::Patch;
use sluice_wire::time::Timestamp;
use sluice_wire::variables::{Variable, VariableUpdate};

use super::event::push_event;
use crate::{Result, Tx, params};

/// Changes what was sent of a variable that was just read. A name that is taken is a conflict of keys;
/// null for name or tags changes nothing.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    variable: Variable,
    update: &VariableUpdate,
    now: Timestamp,
) -> Result<()> {
    let name = update.name.value().map_or(variable.name, |name| name.as_str().to_owned());
    let value = match &update.value {
        Patch::Absent => variable.value,
        Patch::Null => RawJson::null(),
        Patch::Value(value) => value.0.clone(),
    };
    let tags = update.tags.value().cloned().unwrap_or(variable.tags);
    let updated = Variable { name, value, tags, updated: now, ..variable };
    tx.execute(
        "UPDATE variable SET updated = ?3, name = ?4, value = ?5, tags = ?6 WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, updated.id, now, &updated.name, &updated.value, &updated.tags],
    )
    .await?;
    push_event(tx, workspace, "updated", &updated, now).await
}
