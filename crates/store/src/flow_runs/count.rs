use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::WorkspaceId;

use crate::run_history::RunKind;
use crate::{Result, Sql, Tx, filters, run_tallies};

/// How many flow runs match. Quicker in a transaction with a snapshot.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId, related: &RelatedFilters) -> Result<i64> {
    if tx.has_snapshot()
        && let Some(asked) = run_tallies::recognise(RunKind::FlowRuns, related)
    {
        return run_tallies::count(tx, workspace, RunKind::FlowRuns, &asked).await;
    }
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM flow_run");
    filters::flow_runs::push_where(&mut sql, workspace, related);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}
