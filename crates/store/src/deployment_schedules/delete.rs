use sluice_wire::ids::{DeploymentId, ScheduleId, WorkspaceId};

use crate::{Result, Tx, params};

/// Deletes the schedule; returns whether the deployment had it.
pub async fn delete(
    tx: &mut Tx,
    workspace: WorkspaceId,
    deployment: DeploymentId,
    id: ScheduleId,
) -> Result<bool> {
    let deleted = tx
        .execute(
            "DELETE FROM deployment_schedule WHERE workspace_id = ?1 AND deployment_id = ?2 AND id = ?3",
            params![workspace, deployment, id],
        )
        .await?;
    Ok(deleted > 0)
}

/// Deletes every schedule of the deployment.
pub async fn delete_all(tx: &mut Tx, workspace: WorkspaceId, deployment: DeploymentId) -> Result<()> {
    tx.execute(
        "DELETE FROM deployment_schedule WHERE workspace_id = ?1 AND deployment_id = ?2",
        params![workspace, deployment],
    )
    .await?;
    Ok(())
}
