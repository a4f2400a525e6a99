//! `sluice block ls`

use clap::Args;
use serde_json::json;

use super::full_name;
use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List blocks
#[derive(Args)]
pub(super) struct Ls {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    limit: usize,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let blocks = session.client.block_documents(&json!({}), self.limit).await?;
        session.printer.list("blocks", &blocks, &["NAME", "TYPE", "ID", "UPDATED"], |block| {
            vec![
                Cell::text(full_name(block)),
                Cell::optional(block.block_type_name.as_deref()),
                Cell::id(block.id),
                Cell::ago(Some(block.updated), session.printer.now),
            ]
        })
    }
}
