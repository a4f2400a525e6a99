//! `sluice concurrency-limit inspect`

use super::find;
use clap::Args;

use crate::exit::Failure;
use crate::session::Session;

/// Show everything about the limit of a tag
#[derive(Args)]
pub(super) struct Inspect {
    /// The tag
    #[arg(value_name = "TAG")]
    tag: String,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        session.printer.inspect(&find(session, &self.tag).await?)
    }
}
