use std::collections::BTreeSet;

use sluice_wire::automations::{Action, Automation, AutomationCore, Source};
use sluice_wire::ids::{AutomationId, WorkspaceId};

use super::{COLUMNS, from_row};
use crate::{Result, Sql, Tx, params};

/// The automations that have to do with the resource, such as `prefect.deployment.<id>`.
pub async fn related_to(tx: &mut Tx, workspace: WorkspaceId, resource_id: &str) -> Result<Vec<Automation>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(" FROM automation WHERE automation.workspace_id = ").bind(workspace);
    sql.push(
        " AND automation.id IN (SELECT related.automation_id FROM automation_related_resource AS related \
         WHERE related.workspace_id = ",
    );
    sql.bind(workspace).push(" AND related.resource_id = ").bind(resource_id);
    sql.push(") ORDER BY automation.id");
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

/// The automation belongs to the resource from now on and goes with it.
pub async fn relate_to_owner(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: AutomationId,
    resource_id: &str,
) -> Result<()> {
    tx.execute(
        "INSERT INTO automation_related_resource (automation_id, workspace_id, resource_id, is_owner)
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT (automation_id, resource_id) DO UPDATE SET is_owner = ?4",
        params![id, workspace, resource_id, true],
    )
    .await?;
    Ok(())
}

/// Relates the automation to the deployments that it runs, and to no others.
pub(super) async fn sync_related(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: AutomationId,
    core: &AutomationCore,
) -> Result<()> {
    tx.execute(
        "DELETE FROM automation_related_resource WHERE workspace_id = ?1 AND automation_id = ?2
         AND is_owner = ?3 AND resource_id LIKE 'prefect.deployment.%'",
        params![workspace, id, false],
    )
    .await?;
    let deployments: BTreeSet<_> = core.actions.iter().filter_map(selected_deployment).collect();
    let rows = deployments.into_iter().map(|resource| params![id, workspace, resource, false]).collect();
    tx.execute_many(
        "INSERT INTO automation_related_resource (automation_id, workspace_id, resource_id, is_owner)
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT (automation_id, resource_id) DO NOTHING",
        rows,
    )
    .await?;
    Ok(())
}

fn selected_deployment(action: &Action) -> Option<String> {
    match action {
        Action::RunDeployment(run) if run.target.source == Source::Selected => {
            run.target.deployment_id.map(|id| format!("prefect.deployment.{id}"))
        }
        _ => None,
    }
}
