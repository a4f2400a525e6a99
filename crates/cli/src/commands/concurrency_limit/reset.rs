//! `sluice concurrency-limit reset`

use super::find;
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Free the slots of the limit of a tag, whoever holds them
#[derive(Args)]
pub(super) struct Reset {
    /// The tag
    #[arg(value_name = "TAG")]
    tag: String,
}

impl Reset {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        find(session, &self.tag).await?;
        session.client.reset_tag_limit(&self.tag, &json!({})).await?;
        let limit = find(session, &self.tag).await?;
        session
            .printer
            .done(&limit, &format!("Freed the slots of the concurrency limit of tag '{}'.", self.tag))
    }
}
