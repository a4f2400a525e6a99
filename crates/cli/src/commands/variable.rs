//! `sluice variable`

mod get;
mod inspect;
mod ls;
mod set;
mod unset;

use clap::{ArgMatches, Command, Subcommand};
use serde_json::json;
use sluice_wire::json::RawJson;
use sluice_wire::variables::Variable;

use crate::exit::Failure;
use crate::lookup;
use crate::session::{self, Session};

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Get(get::Get),
    Set(set::Set),
    #[command(visible_alias = "delete")]
    Unset(unset::Unset),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("variable", "Look at variables and set them")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Get(get) => get.run(session).await,
        Verbs::Set(set) => set.run(session).await,
        Verbs::Unset(unset) => unset.run(session).await,
    })
}

/// The variable with this name; an error that says what was perhaps meant.
async fn find(session: &Session, name: &str) -> Result<Variable, Failure> {
    if let Some(variable) = session.client.variable(name).await? {
        return Ok(variable);
    }
    let names: Vec<String> =
        session.client.variables(&json!({}), 1000).await?.into_iter().map(|variable| variable.name).collect();
    Err(lookup::missing("variable", name, &names, "sluice variable ls"))
}

/// A text as it is, anything else as JSON.
fn shown(value: &RawJson) -> String {
    value.parse::<String>().unwrap_or_else(|_| value.text().to_owned())
}
