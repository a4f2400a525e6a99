//! `sluice variable ls`

use super::shown;
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List variables
#[derive(Args)]
pub(super) struct Ls {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    limit: usize,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let variables = session.client.variables(&json!({ "sort": "NAME_ASC" }), self.limit).await?;
        session.printer.list("variables", &variables, &["NAME", "VALUE", "TAGS", "UPDATED"], |variable| {
            vec![
                Cell::text(&variable.name),
                Cell::text(shown(&variable.value)),
                Cell::text(variable.tags.join(", ")),
                Cell::ago(Some(variable.updated), session.printer.now),
            ]
        })
    }
}
