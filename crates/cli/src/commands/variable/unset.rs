//! `sluice variable unset`

use super::find;
use clap::Args;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::session::Session;

/// Delete a variable
#[derive(Args)]
pub(super) struct Unset {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Unset {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let variable = find(session, &self.name).await?;
        self.confirmation.ask(&format!("delete variable '{}'", self.name))?;
        session.client.delete_variable(&self.name).await?;
        session.printer.done(&variable, &format!("Deleted variable '{}'.", self.name))
    }
}
