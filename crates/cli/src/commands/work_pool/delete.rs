//! `sluice work-pool delete`

use super::find;
use clap::Args;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::session::Session;

/// Delete a work pool with its queues and workers
#[derive(Args)]
pub(super) struct Delete {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let pool = find(session, &self.name).await?;
        self.confirmation.ask(&format!("delete work pool '{}'", self.name))?;
        session.client.delete_work_pool(&self.name).await?;
        session.printer.done(&pool, &format!("Deleted work pool '{}'.", self.name))
    }
}
