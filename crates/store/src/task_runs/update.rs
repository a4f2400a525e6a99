use sluice_wire::ids::{TaskRunId, WorkspaceId};
use sluice_wire::patch::Patch;
use sluice_wire::run_names::random_run_name;
use sluice_wire::task_runs::TaskRunUpdate;
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Changes what was sent; returns whether the run exists.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: TaskRunId,
    update: &TaskRunUpdate,
    now: Timestamp,
) -> Result<bool> {
    let name = match &update.name {
        Patch::Absent => None,
        Patch::Value(name) if !name.is_empty() => Some(name.clone()),
        Patch::Null | Patch::Value(_) => Some(random_run_name()),
    };
    let changed = tx
        .execute(
            "UPDATE task_run SET updated = ?3, name = COALESCE(?4, name) WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id, now, name],
        )
        .await?;
    Ok(changed > 0)
}
