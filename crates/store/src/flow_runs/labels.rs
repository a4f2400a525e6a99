use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::labels::KeyValueLabels;
use sluice_wire::time::Timestamp;

use crate::{Json, Result, Tx, params};

/// Adds labels to those of the run, over those of the same key; returns whether the run exists.
pub async fn update_labels(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    labels: &KeyValueLabels,
    now: Timestamp,
) -> Result<bool> {
    let locked = tx
        .query_for_update(
            "SELECT labels FROM flow_run WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    let Some(row) = locked.into_iter().next() else { return Ok(false) };
    let Json(stored): Json<KeyValueLabels> = row.scalar()?;
    tx.execute(
        "UPDATE flow_run SET labels = ?3, updated = ?4 WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id, Json(stored.merged_with(labels)), now],
    )
    .await?;
    Ok(true)
}
