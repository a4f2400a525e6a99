//! `sluice variable inspect`

use super::find;
use clap::Args;

use crate::exit::Failure;
use crate::session::Session;

/// Show everything about a variable
#[derive(Args)]
pub(super) struct Inspect {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        session.printer.inspect(&find(session, &self.name).await?)
    }
}
