//! `sluice variable set`

use super::find;
use clap::Args;
use serde_json::json;

use crate::assignments;
use crate::exit::Failure;
use crate::session::Session;

/// Set a variable
#[derive(Args)]
pub(super) struct Set {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// Its value; one that is JSON is what it says, anything else is text
    #[arg(value_name = "VALUE")]
    value: String,
    /// Change the variable if there is one
    #[arg(long)]
    overwrite: bool,
    /// A tag of the variable; may be given several times
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
}

impl Set {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let body =
            json!({ "name": self.name, "value": assignments::value_of(&self.value), "tags": self.tag });
        let existing = session.client.variable(&self.name).await?;
        if existing.is_some() && !self.overwrite {
            return Err(Failure::new(format!(
                "there is a variable '{}' already; pass --overwrite to change it",
                self.name
            )));
        }
        if existing.is_some() {
            session.client.update_variable(&self.name, &body).await?;
        } else {
            session.client.create_variable(&body).await?;
        }
        let variable = find(session, &self.name).await?;
        session.printer.done(&variable, &format!("Variable '{}' is set.", self.name))
    }
}
