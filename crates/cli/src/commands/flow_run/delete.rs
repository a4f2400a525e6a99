//! `sluice flow-run delete`

use clap::Args;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Delete a flow run with its states, task runs and logs
#[derive(Args)]
pub(super) struct Delete {
    /// Its id, what its id begins with, or its name
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let run = lookup::flow_run(session, &self.run).await?;
        self.confirmation.ask(&format!("delete flow run '{}'", run.name))?;
        session.client.delete_flow_run(run.id).await?;
        session.printer.done(&run, &format!("Deleted flow run '{}'.", run.name))
    }
}
