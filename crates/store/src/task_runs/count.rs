use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::task_runs::CountByState;

use crate::run_history::RunKind;
use crate::{Result, Sql, Tx, filters, run_tallies};

/// How many task runs match. Quicker in a transaction with a snapshot.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId, related: &RelatedFilters) -> Result<i64> {
    if tx.has_snapshot()
        && let Some(asked) = run_tallies::recognise(RunKind::TaskRuns, related)
    {
        return run_tallies::count(tx, workspace, RunKind::TaskRuns, &asked).await;
    }
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM task_run");
    filters::task_runs::push_where(&mut sql, workspace, related);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}

/// How many of the task runs that match are in each state. Quicker in a transaction with a snapshot.
pub async fn count_by_state(
    tx: &mut Tx,
    workspace: WorkspaceId,
    related: &RelatedFilters,
) -> Result<CountByState> {
    if tx.has_snapshot()
        && let Some(asked) = run_tallies::recognise(RunKind::TaskRuns, related)
    {
        return run_tallies::by_state_type(tx, workspace, &asked).await;
    }
    let mut sql = Sql::new(tx.dialect(), "SELECT task_run.state_type, count(*) FROM task_run");
    filters::task_runs::push_where(&mut sql, workspace, related);
    sql.push(" AND task_run.state_type IS NOT NULL GROUP BY task_run.state_type");
    let mut counts = CountByState::default();
    for row in tx.query_sql(sql).await? {
        let mut columns = row.columns();
        let state_type = columns.take()?;
        *counts.of(state_type) = columns.take()?;
    }
    Ok(counts)
}
