use std::collections::HashMap;

use sluice_wire::deployments::DeploymentSchedule;
use sluice_wire::ids::{DeploymentId, WorkspaceId};

use super::{StoredDeployment, from_row, select_deployments};
use crate::{Result, Row, Sql, Tx, deployment_schedules, params};

/// The deployment with its schedules, if it exists.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId, id: DeploymentId) -> Result<Option<StoredDeployment>> {
    let row = tx
        .query_first(
            select_deployments!("WHERE deployment.workspace_id = ?1 AND deployment.id = ?2"),
            params![workspace, id],
        )
        .await?;
    one(tx, workspace, row).await
}

/// The deployment of this name of the flow of that name, with its schedules, if it exists.
pub async fn read_by_name(
    tx: &mut Tx,
    workspace: WorkspaceId,
    flow_name: &str,
    name: &str,
) -> Result<Option<StoredDeployment>> {
    let row = tx
        .query_first(
            select_deployments!(
                "WHERE deployment.workspace_id = ?1 AND deployment.name = ?2 AND deployment.flow_id =
                 (SELECT id FROM flow WHERE workspace_id = ?1 AND name = ?3)"
            ),
            params![workspace, name, flow_name],
        )
        .await?;
    one(tx, workspace, row).await
}

async fn one(tx: &mut Tx, workspace: WorkspaceId, row: Option<Row>) -> Result<Option<StoredDeployment>> {
    let Some(row) = row else { return Ok(None) };
    let mut stored = from_row(row)?;
    stored.deployment.schedules = deployment_schedules::read_all(tx, workspace, stored.deployment.id).await?;
    Ok(Some(stored))
}

/// Reads the schedules of all these deployments at once: the last changed comes first.
pub async fn attach_schedules(
    tx: &mut Tx,
    workspace: WorkspaceId,
    deployments: &mut [StoredDeployment],
) -> Result<()> {
    if deployments.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(deployment_schedules::COLUMNS).push(" FROM deployment_schedule WHERE workspace_id = ");
    sql.bind(workspace).push(" AND deployment_id IN (");
    sql.bind_list(deployments.iter().map(|stored| stored.deployment.id));
    sql.push(") ORDER BY updated DESC, id");
    let mut by_deployment: HashMap<Option<DeploymentId>, Vec<DeploymentSchedule>> = HashMap::new();
    for row in tx.query_sql(sql).await? {
        let schedule = deployment_schedules::from_row(row)?;
        by_deployment.entry(schedule.deployment_id).or_default().push(schedule);
    }
    for stored in deployments {
        stored.deployment.schedules = by_deployment.remove(&Some(stored.deployment.id)).unwrap_or_default();
    }
    Ok(())
}
