use sluice_wire::filters::RelatedFilters;
use sluice_wire::flow_runs::{SimpleFlowRun, estimated_run_time, estimated_start_time_delta};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::FlowRunSort;
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;

use crate::{Result, Row, Sql, Tx, filters};

/// The runs that match and have a state, as the dashboard draws them.
pub async fn filter_simple(
    tx: &mut Tx,
    workspace: WorkspaceId,
    related: &RelatedFilters,
    sort: FlowRunSort,
    limit: i64,
    offset: i64,
    now: Timestamp,
) -> Result<Vec<SimpleFlowRun>> {
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT flow_run.id, flow_run.state_type, flow_run.start_time, flow_run.expected_start_time,
            flow_run.total_run_time, flow_run.state_timestamp FROM flow_run",
    );
    filters::flow_runs::push_where(&mut sql, workspace, related);
    sql.push(" AND flow_run.state_type IS NOT NULL AND flow_run.expected_start_time IS NOT NULL");
    filters::flow_runs::push_order(&mut sql, sort);
    filters::push_page(&mut sql, limit, offset);
    tx.query_sql(sql).await?.into_iter().map(|row| from_row(row, now)).collect()
}

fn from_row(row: Row, now: Timestamp) -> Result<SimpleFlowRun> {
    let mut columns = row.columns();
    let (id, state_type): (_, StateType) = (columns.take()?, columns.take()?);
    let (start, expected): (Option<Timestamp>, Timestamp) = (columns.take()?, columns.take()?);
    let (total_run_time, state_timestamp) = (columns.take()?, columns.take()?);
    Ok(SimpleFlowRun {
        id,
        state_type,
        timestamp: start.unwrap_or(expected),
        duration: estimated_run_time(Some(state_type), state_timestamp, total_run_time, now),
        lateness: estimated_start_time_delta(Some(state_type), Some(expected), start, now),
    })
}
