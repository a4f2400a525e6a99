//! `sluice global-concurrency-limit`

mod create;
mod delete;
mod disable;
mod enable;
mod inspect;
mod ls;
mod update;

use clap::{ArgMatches, Command, Subcommand};
use serde_json::Value;
use sluice_wire::concurrency_limits::GlobalConcurrencyLimit;

use crate::exit::Failure;
use crate::lookup;
use crate::session::{self, Session};

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Create(create::Create),
    Update(update::Update),
    Enable(enable::Enable),
    Disable(disable::Disable),
    Delete(delete::Delete),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>(
        "global-concurrency-limit",
        "Manage the concurrency limits that code asks for by name",
    )
    .alias("gcl")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Create(create) => create.run(session).await,
        Verbs::Update(update) => update.run(session).await,
        Verbs::Enable(enable) => enable.run(session).await,
        Verbs::Disable(disable) => disable.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
    })
}

/// The limit with this name; an error that says what was perhaps meant.
async fn find(session: &Session, name: &str) -> Result<GlobalConcurrencyLimit, Failure> {
    if let Some(limit) = session.client.global_limit(name).await? {
        return Ok(limit);
    }
    let names: Vec<String> =
        session.client.global_limits(1000).await?.into_iter().map(|limit| limit.name).collect();
    Err(lookup::missing("global concurrency limit", name, &names, "sluice global-concurrency-limit ls"))
}

/// Changes a limit, and says what has become of it.
async fn change(session: &Session, name: &str, body: &Value, sentence: &str) -> Result<(), Failure> {
    find(session, name).await?;
    session.client.update_global_limit(name, body).await?;
    session.printer.done(&find(session, name).await?, sentence)
}
