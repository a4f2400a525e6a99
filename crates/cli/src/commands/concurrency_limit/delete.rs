//! `sluice concurrency-limit delete`

use super::find;
use clap::Args;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::session::Session;

/// Delete the limit of a tag
#[derive(Args)]
pub(super) struct Delete {
    /// The tag
    #[arg(value_name = "TAG")]
    tag: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let limit = find(session, &self.tag).await?;
        self.confirmation.ask(&format!("delete the concurrency limit of tag '{}'", self.tag))?;
        session.client.delete_tag_limit(&self.tag).await?;
        session.printer.done(&limit, &format!("Deleted the concurrency limit of tag '{}'.", self.tag))
    }
}
