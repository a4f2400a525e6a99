use sluice_wire::filters::RelatedFilters;
use sluice_wire::flows::Flow;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::FlowSort;

use super::{COLUMNS, from_row};
use crate::{Result, Sql, Tx, filters};

/// The flows that the filters find, in order: `limit` of them after `offset`.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    related: &RelatedFilters,
    sort: FlowSort,
    limit: i64,
    offset: i64,
) -> Result<Vec<Flow>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(" FROM flow");
    filters::flows::push_where(&mut sql, workspace, related);
    filters::flows::push_order(&mut sql, sort);
    filters::push_page(&mut sql, limit, offset);
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

/// How many flows the filters find.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId, related: &RelatedFilters) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM flow");
    filters::flows::push_where(&mut sql, workspace, related);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}
