//! `sluice block delete`

use clap::Args;

use super::{BlockName, full_name};
use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::session::Session;

/// Delete a block
#[derive(Args)]
pub(super) struct Delete {
    #[command(flatten)]
    block: BlockName,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let block = self.block.find(session).await?;
        let name = full_name(&block);
        self.confirmation.ask(&format!("delete block '{name}'"))?;
        session.client.delete_block_document(block.id).await?;
        session.printer.done(&block, &format!("Deleted block '{name}'."))
    }
}
