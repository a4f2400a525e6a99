use sluice_wire::automations::Automation;
use sluice_wire::filters::AutomationFilter;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::AutomationSort;

use super::{COLUMNS, from_row};
use crate::{Result, Sql, Tx, filters};

/// The automations that the filter finds, in order: `limit` of them after `offset`.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automations: Option<&AutomationFilter>,
    sort: AutomationSort,
    limit: i64,
    offset: i64,
) -> Result<Vec<Automation>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(" FROM automation");
    filters::automations::push_where(&mut sql, workspace, automations);
    filters::automations::push_order(&mut sql, sort);
    filters::push_page(&mut sql, limit, offset);
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

/// How many automations the filter finds.
pub async fn count(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automations: Option<&AutomationFilter>,
) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM automation");
    filters::automations::push_where(&mut sql, workspace, automations);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}
