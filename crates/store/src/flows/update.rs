use sluice_wire::flows::FlowUpdate;
use sluice_wire::ids::{FlowId, WorkspaceId};
use sluice_wire::patch::Patch;
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::read;
use crate::{Result, Tx, params};

/// Changes what was sent; returns whether the flow exists.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowId,
    update: &FlowUpdate,
    now: Timestamp,
) -> Result<bool> {
    let tags = match &update.tags {
        Patch::Absent => None,
        Patch::Null => Some(Vec::new()),
        Patch::Value(tags) => Some(tags.clone()),
    };
    let changed = tx
        .execute(
            "UPDATE flow SET updated = ?3, tags = COALESCE(?4, tags) WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id, now, tags.as_ref()],
        )
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    if let Some(flow) = read(tx, workspace, id).await? {
        push_event(tx, workspace, "updated", &flow, now).await?;
    }
    Ok(true)
}
