//! `sluice block type inspect`

use clap::Args;

use super::find;
use crate::exit::Failure;
use crate::session::Session;

/// Show everything about a type of blocks
#[derive(Args)]
pub(in crate::commands::block) struct Inspect {
    /// Its slug, such as s3-bucket
    #[arg(value_name = "SLUG")]
    slug: String,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        session.printer.inspect(&find(session, &self.slug).await?)
    }
}
