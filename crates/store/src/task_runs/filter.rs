use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::TaskRunSort;
use sluice_wire::task_runs::TaskRun;
use sluice_wire::time::Timestamp;

use super::columns::{from_row, select_task_runs};
use crate::{Result, Sql, Tx, filters};

/// The task runs that match, in this order, from the `offset`-th on.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    related: &RelatedFilters,
    sort: TaskRunSort,
    limit: i64,
    offset: i64,
    now: Timestamp,
) -> Result<Vec<TaskRun>> {
    let mut sql = Sql::new(tx.dialect(), select_task_runs!());
    filters::task_runs::push_where(&mut sql, workspace, related);
    filters::task_runs::push_order(&mut sql, sort);
    filters::push_page(&mut sql, limit, offset);
    tx.query_sql(sql).await?.into_iter().map(|row| from_row(row, now)).collect()
}
