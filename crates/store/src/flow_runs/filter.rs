use sluice_wire::filters::RelatedFilters;
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::sorting::FlowRunSort;
use sluice_wire::time::Timestamp;

use super::columns::{from_row, select_flow_runs};
use super::page::push_where_and_order;
use crate::{Result, Row, Sql, Tx, filters};

/// The flow runs that match, in this order, from the `offset`-th on. Quicker in a transaction with a snapshot.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    related: &RelatedFilters,
    sort: FlowRunSort,
    limit: i64,
    offset: i64,
    now: Timestamp,
) -> Result<Vec<FlowRun>> {
    let mut sql = Sql::new(tx.dialect(), select_flow_runs!());
    push_where_and_order(tx, &mut sql, workspace, related, sort, offset.saturating_add(limit)).await?;
    filters::push_page(&mut sql, limit, offset);
    tx.query_sql(sql).await?.into_iter().map(|row| from_row(row, now)).collect()
}

/// The ids of at most `limit` flow runs that match, the largest first.
pub async fn filter_ids(
    tx: &mut Tx,
    workspace: WorkspaceId,
    related: &RelatedFilters,
    limit: i64,
) -> Result<Vec<FlowRunId>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT flow_run.id FROM flow_run");
    filters::flow_runs::push_where(&mut sql, workspace, related);
    filters::flow_runs::push_order(&mut sql, FlowRunSort::IdDesc);
    filters::push_page(&mut sql, limit, 0);
    tx.query_sql(sql).await?.into_iter().map(Row::scalar).collect()
}
