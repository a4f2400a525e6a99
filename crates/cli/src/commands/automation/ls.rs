//! `sluice automation ls`

use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List automations
#[derive(Args)]
pub(super) struct Ls {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    limit: usize,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let automations = session.client.automations(&json!({}), self.limit).await?;
        session.printer.list(
            "automations",
            &automations,
            &["NAME", "ID", "ENABLED", "DESCRIPTION"],
            |automation| {
                let core = &automation.core;
                vec![
                    Cell::text(&core.name),
                    Cell::id(automation.id),
                    Cell::status(if core.enabled { "yes" } else { "no" }, core.enabled),
                    Cell::text(&core.description),
                ]
            },
        )
    }
}
