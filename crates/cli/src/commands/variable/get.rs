//! `sluice variable get`

use super::{find, shown};
use clap::Args;

use crate::exit::Failure;
use crate::session::Session;

/// Print the value of a variable
#[derive(Args)]
pub(super) struct Get {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
}

impl Get {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let variable = find(session, &self.name).await?;
        session.printer.done(&variable.value, &shown(&variable.value))
    }
}
