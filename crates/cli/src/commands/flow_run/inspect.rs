//! `sluice flow-run inspect`

use clap::Args;

use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Show everything about a flow run
#[derive(Args)]
pub(super) struct Inspect {
    /// Its id, what its id begins with, or its name
    #[arg(value_name = "RUN")]
    run: String,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        session.printer.inspect(&lookup::flow_run(session, &self.run).await?)
    }
}
