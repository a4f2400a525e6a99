//! `sluice global-concurrency-limit delete`

use super::find;
use clap::Args;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::session::Session;

/// Delete a global concurrency limit
#[derive(Args)]
pub(super) struct Delete {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let limit = find(session, &self.name).await?;
        self.confirmation.ask(&format!("delete global concurrency limit '{}'", self.name))?;
        session.client.delete_global_limit(&self.name).await?;
        session.printer.done(&limit, &format!("Deleted global concurrency limit '{}'.", self.name))
    }
}
