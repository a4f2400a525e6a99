//! What the dashboard counts.

use std::collections::HashMap;

use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::states::StateType;
use sluice_wire::task_runs::CompletedAndFailed;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::run_history::RunKind;
use crate::{Result, Sql, Tx, filters, run_tallies};

/// How many task runs each flow run has; those that stand for subflows do not count. Flow runs without are absent.
pub async fn count_by_flow_run(
    tx: &mut Tx,
    workspace: WorkspaceId,
    flow_runs: &[FlowRunId],
) -> Result<HashMap<FlowRunId, i64>> {
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT task_run.flow_run_id, count(*) FROM task_run WHERE task_run.workspace_id = ",
    );
    sql.bind(workspace).push(" AND task_run.flow_run_id IN (").bind_list(flow_runs.iter().copied());
    sql.push(") AND NOT EXISTS (SELECT 1 FROM flow_run WHERE flow_run.parent_task_run_id = task_run.id)");
    sql.push(" GROUP BY task_run.flow_run_id");
    let rows = tx.query_sql(sql).await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok((columns.take()?, columns.take()?))
        })
        .collect()
}

/// How many of the task runs that match ended well and how many did not, by the interval in which they started.
pub async fn count_completed_and_failed(
    tx: &mut Tx,
    workspace: WorkspaceId,
    related: &RelatedFilters,
    start: Timestamp,
    interval: TimeDelta,
    intervals: usize,
) -> Result<Vec<CompletedAndFailed>> {
    if tx.has_snapshot()
        && let Some(asked) = run_tallies::recognise(RunKind::TaskRuns, related)
    {
        return run_tallies::completed_and_failed(tx, workspace, &asked, start, interval, intervals).await;
    }
    let mut sql = Sql::new(tx.dialect(), "SELECT task_run.start_time, task_run.state_type FROM task_run");
    filters::task_runs::push_where(&mut sql, workspace, related);
    sql.push(" AND task_run.start_time IS NOT NULL");
    let mut counts = vec![CompletedAndFailed::default(); intervals];
    for row in tx.query_sql(sql).await? {
        let mut columns = row.columns();
        let (started, state_type): (Timestamp, Option<StateType>) = (columns.take()?, columns.take()?);
        let index = started.since(start).as_micros().div_euclid(interval.as_micros().max(1));
        let Some(count) = usize::try_from(index).ok().and_then(|index| counts.get_mut(index)) else {
            continue;
        };
        count.add(state_type, 1);
    }
    Ok(counts)
}
