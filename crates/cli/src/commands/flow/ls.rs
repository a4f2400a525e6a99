//! `sluice flow ls`

use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List flows, the newest first
#[derive(Args)]
pub(super) struct Ls {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 15)]
    limit: usize,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let flows = session.client.flows(&json!({ "sort": "CREATED_DESC" }), self.limit).await?;
        session.printer.list("flows", &flows, &["ID", "NAME", "CREATED"], |flow| {
            vec![
                Cell::id(flow.id),
                Cell::text(&flow.name),
                Cell::ago(Some(flow.created), session.printer.now),
            ]
        })
    }
}
