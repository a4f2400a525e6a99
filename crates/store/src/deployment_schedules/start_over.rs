use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Makes the scheduler look at the deployment's schedules at once and from the present on: to be called whenever
/// the deployment, a schedule of it or its scheduled runs were changed. Schedules that are inactive, and those of a
/// paused deployment, are not looked at.
pub async fn start_over(tx: &mut Tx, workspace: WorkspaceId, deployment: DeploymentId) -> Result<()> {
    tx.execute(
        "UPDATE deployment_schedule SET scheduled_through = NULL, next_scheduling_at = NULL
         WHERE workspace_id = ?1 AND deployment_id = ?2",
        params![workspace, deployment],
    )
    .await?;
    tx.execute(
        "UPDATE deployment_schedule SET next_scheduling_at = ?3
         WHERE workspace_id = ?1 AND deployment_id = ?2 AND active = ?4
         AND EXISTS (SELECT 1 FROM deployment WHERE id = ?2 AND paused = ?5)",
        params![workspace, deployment, Timestamp::EPOCH, true, false],
    )
    .await?;
    Ok(())
}
