use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::{Result, Tx, params};

/// How long changes may follow each other before runs are made: a client that creates a deployment often changes it,
/// asks for runs of its own or reads what there is in the next moment. The reference takes up to five seconds.
const SETTLES_AFTER: TimeDelta = TimeDelta::from_secs(2);

/// Makes the scheduler look at the deployment's schedules in a moment and from the present on: to be called whenever
/// the deployment, a schedule of it or its scheduled runs were changed. Schedules that are inactive, and those of a
/// paused deployment, are not looked at.
pub async fn start_over(
    tx: &mut Tx,
    workspace: WorkspaceId,
    deployment: DeploymentId,
    now: Timestamp,
) -> Result<()> {
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
        params![workspace, deployment, now + SETTLES_AFTER, true, false],
    )
    .await?;
    Ok(())
}
