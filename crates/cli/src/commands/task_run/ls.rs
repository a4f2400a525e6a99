//! `sluice task-run ls`

use clap::Args;
use serde_json::json;

use crate::commands::run_filters::RunFilters;
use crate::exit::Failure;
use crate::output::{Cell, duration, state_time};
use crate::session::Session;

/// List task runs, the newest first
#[derive(Args)]
pub(super) struct Ls {
    /// Only task runs with this name; may be given several times
    #[arg(long, value_name = "NAME")]
    task_run_name: Vec<String>,
    #[command(flatten)]
    filters: RunFilters,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut filter = self.filters.filter()?;
        if !self.task_run_name.is_empty() {
            filter["name"] = json!({ "any_": self.task_run_name });
        }
        let body = json!({ "task_runs": filter, "sort": "EXPECTED_START_TIME_DESC" });
        let runs = session.client.task_runs(&body, self.filters.limit).await?;
        session.printer.list("task runs", &runs, &["ID", "NAME", "STATE", "WHEN", "TOOK"], |run| {
            let took = run.start_time.map(|_| duration(run.total_run_time.max(run.estimated_run_time)));
            vec![
                Cell::id(run.id),
                Cell::text(&run.name),
                Cell::state(run.state_name.as_deref(), run.state_type),
                Cell::ago(state_time(run.state.as_ref()), session.printer.now),
                Cell::exact(took.unwrap_or_default()),
            ]
        })
    }
}
