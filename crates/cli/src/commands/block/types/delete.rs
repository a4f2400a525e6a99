//! `sluice block type delete`

use clap::Args;

use super::find;
use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::session::Session;

/// Delete a type of blocks with all blocks of the type
#[derive(Args)]
pub(in crate::commands::block) struct Delete {
    /// Its slug, such as s3-bucket
    #[arg(value_name = "SLUG")]
    slug: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let block_type = find(session, &self.slug).await?;
        self.confirmation.ask(&format!("delete block type '{}' with its blocks", self.slug))?;
        session.client.delete_block_type(block_type.id).await?;
        session.printer.done(&block_type, &format!("Deleted block type '{}'.", self.slug))
    }
}
