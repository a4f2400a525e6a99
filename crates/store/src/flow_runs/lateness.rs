use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use crate::run_history::{RunKind, push_lateness};
use crate::{Result, Sql, Tx, filters, run_tallies};

/// How late the runs that match started, or are by now, on average, in seconds; those in time count as zero.
/// `None` when none match. Quicker in a transaction with a snapshot.
pub async fn average_lateness(
    tx: &mut Tx,
    workspace: WorkspaceId,
    related: &RelatedFilters,
    now: Timestamp,
) -> Result<Option<f64>> {
    if tx.has_snapshot()
        && let Some(asked) = run_tallies::recognise(RunKind::FlowRuns, related)
    {
        return run_tallies::lateness(tx, workspace, &asked, now).await;
    }
    let mut sql = Sql::new(tx.dialect(), "SELECT CAST(AVG(");
    push_lateness(&mut sql, now);
    sql.push(") AS double precision) FROM flow_run");
    filters::flow_runs::push_where(&mut sql, workspace, related);
    let micros: Option<Option<f64>> = tx.scalar_sql(sql).await?;
    Ok(micros.flatten().map(|micros| micros / 1e6))
}
