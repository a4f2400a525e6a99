//! The runs that a work pool or one of its queues is about to hand out.

use sluice_wire::time::TimeDelta;

use crate::exit::Failure;
use crate::lookup;
use crate::output::Cell;
use crate::session::Session;

/// How many runs are shown at the most.
const MOST: usize = 200;

/// Lists the runs that are due within the next hours, those of all queues where none is named.
pub(super) async fn preview(
    session: &Session,
    pool: &str,
    queues: &[String],
    hours: i64,
) -> Result<(), Failure> {
    let until = session.printer.now + TimeDelta::from_secs(hours.saturating_mul(3600));
    let runs = session.client.scheduled_runs(pool, queues, until, Some(MOST)).await?;
    let runs: Vec<_> = runs.into_iter().map(|run| run.flow_run).collect();
    let flows = lookup::flow_names(session, runs.iter().map(|run| run.flow_id).collect()).await?;
    session.printer.list("runs that are due", &runs, &["ID", "FLOW", "NAME", "QUEUE", "DUE"], |run| {
        vec![
            Cell::id(run.id),
            Cell::optional(flows.get(&run.flow_id)),
            Cell::text(&run.name),
            Cell::optional(run.work_queue_name.as_deref()),
            Cell::ago(run.next_scheduled_start_time, session.printer.now),
        ]
    })
}
