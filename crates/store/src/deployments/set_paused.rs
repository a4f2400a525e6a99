use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::delete_scheduled_runs::{WhichRuns, delete_scheduled_runs};
use crate::{Result, Topic, Tx, deployment_schedules, params};

/// Pauses the deployment, which deletes what the scheduler made and nobody started, or resumes it. Returns whether
/// it exists.
pub async fn set_paused(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    paused: bool,
    now: Timestamp,
) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE deployment SET updated = CASE WHEN paused = ?3 THEN updated ELSE ?4 END, paused = ?3
             WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id, paused, now],
        )
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    if paused {
        delete_scheduled_runs(tx, workspace, id, WhichRuns::AutoScheduled, now).await?;
    } else {
        deployment_schedules::start_over(tx, workspace, id, now).await?;
        tx.notify(Topic::Schedules);
    }
    Ok(true)
}
