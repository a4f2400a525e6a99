//! `sluice flow-run ls`

use clap::Args;
use serde_json::json;

use crate::commands::run_filters::RunFilters;
use crate::exit::Failure;
use crate::lookup;
use crate::output::{Cell, duration, state_time};
use crate::session::Session;

/// List flow runs, the newest first
#[derive(Args)]
pub(super) struct Ls {
    /// Only runs of the flow with this name; may be given several times
    #[arg(long, value_name = "NAME")]
    flow_name: Vec<String>,
    #[command(flatten)]
    filters: RunFilters,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut body = json!({ "flow_runs": self.filters.filter()?, "sort": "EXPECTED_START_TIME_DESC" });
        if !self.flow_name.is_empty() {
            body["flows"] = json!({ "name": { "any_": self.flow_name } });
        }
        let runs = session.client.flow_runs(&body, self.filters.limit).await?;
        let flows = if session.printer.is_json() {
            Default::default()
        } else {
            lookup::flow_names(session, runs.iter().map(|run| run.flow_id).collect()).await?
        };
        let titles = ["ID", "FLOW", "NAME", "STATE", "WHEN", "TOOK"];
        session.printer.list("flow runs", &runs, &titles, |run| {
            let took = run.start_time.map(|_| duration(run.total_run_time.max(run.estimated_run_time)));
            vec![
                Cell::id(run.id),
                Cell::optional(flows.get(&run.flow_id)),
                Cell::text(&run.name),
                Cell::state(run.state_name.as_deref(), run.state_type),
                Cell::ago(state_time(run.state.as_ref()), session.printer.now),
                Cell::exact(took.unwrap_or_default()),
            ]
        })
    }
}
