use sluice_wire::deployments::DeploymentSchedule;
use sluice_wire::ids::{DeploymentId, WorkspaceId};

use super::from_row;
use crate::{Result, Tx, params};

/// The schedules of the deployment, the last changed first.
pub async fn read_all(
    tx: &mut Tx,
    workspace: WorkspaceId,
    deployment: DeploymentId,
) -> Result<Vec<DeploymentSchedule>> {
    let rows = tx
        .query(
            "SELECT id, created, updated, deployment_id, schedule, active, max_scheduled_runs, parameters, slug
             FROM deployment_schedule WHERE workspace_id = ?1 AND deployment_id = ?2 ORDER BY updated DESC, id",
            params![workspace, deployment],
        )
        .await?;
    rows.into_iter().map(from_row).collect()
}
