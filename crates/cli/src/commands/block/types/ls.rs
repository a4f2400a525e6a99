//! `sluice block type ls`

use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List the types of blocks
#[derive(Args)]
pub(in crate::commands::block) struct Ls {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    limit: usize,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let types = session.client.block_types(&json!({}), self.limit).await?;
        session.printer.list("block types", &types, &["SLUG", "NAME", "DESCRIPTION"], |one| {
            let description = one.description.as_deref().and_then(|text| text.lines().next());
            vec![Cell::text(&one.slug), Cell::text(&one.name), Cell::optional(description)]
        })
    }
}
