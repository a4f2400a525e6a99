//! `sluice task-run logs`

use clap::Args;
use serde_json::json;

use crate::commands::run_logs::LogLines;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Show what a task run logged
#[derive(Args)]
pub(super) struct Logs {
    /// Its id, what its id begins with, or its name
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    lines: LogLines,
}

impl Logs {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let run = lookup::task_run(session, &self.run).await?;
        self.lines.print(session, &json!({ "task_run_id": { "any_": [run.id] } })).await
    }
}
