use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::DeploymentSort;

use super::{StoredDeployment, attach_schedules, from_row, select_deployments};
use crate::filters::{deployments, push_page};
use crate::{Result, Sql, Tx};

/// A page of the deployments that the filters find, with their schedules.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    filters: &RelatedFilters,
    sort: DeploymentSort,
    limit: i64,
    offset: i64,
) -> Result<Vec<StoredDeployment>> {
    let mut sql = Sql::new(tx.dialect(), select_deployments!(""));
    deployments::push_where(&mut sql, workspace, filters);
    deployments::push_order(&mut sql, sort);
    push_page(&mut sql, limit, offset);
    let rows = tx.query_sql(sql).await?;
    let mut found = rows.into_iter().map(from_row).collect::<Result<Vec<_>>>()?;
    attach_schedules(tx, workspace, &mut found).await?;
    Ok(found)
}

/// How many deployments the filters find.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId, filters: &RelatedFilters) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT COUNT(*) FROM deployment");
    deployments::push_where(&mut sql, workspace, filters);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}
