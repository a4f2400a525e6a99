//! `sluice concurrency-limit create`

use clap::Args;

use crate::exit::Failure;
use crate::session::Session;

/// Limit how many task runs with a tag may run at a time
#[derive(Args)]
pub(super) struct Create {
    /// The tag
    #[arg(value_name = "TAG")]
    tag: String,
    /// How many
    #[arg(value_name = "LIMIT")]
    concurrency_limit: i64,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let limit = session.client.create_tag_limit(&self.tag, self.concurrency_limit).await?;
        let sentence =
            format!("At most {} task runs with tag '{}' run at a time.", self.concurrency_limit, self.tag);
        session.printer.done(&limit, &sentence)
    }
}
