//! `sluice flow-run logs`

use clap::Args;
use serde_json::json;

use crate::commands::run_logs::LogLines;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;
use crate::watch;

/// Show what a flow run and its task runs logged
#[derive(Args)]
pub(super) struct Logs {
    /// Its id, what its id begins with, or its name
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    lines: LogLines,
    /// Go on with what it logs until it has ended; as JSON, an object a line
    #[arg(long, short = 'f', conflicts_with_all = ["head", "tail", "num_logs", "reverse"])]
    follow: bool,
}

impl Logs {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let run = lookup::flow_run(session, &self.run).await?;
        if self.follow {
            return watch::flow_run_logs(session, run.id).await;
        }
        self.lines.print(session, &json!({ "flow_run_id": { "any_": [run.id] } })).await
    }
}
