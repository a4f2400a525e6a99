//! `sluice worker`

mod guard;
mod inspect;
mod ls;
mod start;

use clap::{ArgMatches, Command, Subcommand};

use crate::exit::Failure;
use crate::session;

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("worker", "Run a worker, look at workers")
        .subcommand(start::command())
        .subcommand(guard::command())
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("start", matches)) => start::run(matches),
        Some(("guard", matches)) => guard::run(matches),
        _ => session::run(matches, async |verb: Verbs, session| match verb {
            Verbs::Ls(ls) => ls.run(session).await,
            Verbs::Inspect(inspect) => inspect.run(session).await,
        }),
    }
}
