//! `sluice work-pool inspect`

use super::find;
use clap::Args;

use crate::exit::Failure;
use crate::session::Session;

/// Show everything about a work pool
#[derive(Args)]
pub(super) struct Inspect {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        session.printer.inspect(&find(session, &self.name).await?)
    }
}
