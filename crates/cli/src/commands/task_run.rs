//! `sluice task-run`

mod inspect;
mod logs;
mod ls;

use clap::{ArgMatches, Command, Subcommand};

use crate::exit::Failure;
use crate::session;

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Logs(logs::Logs),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("task-run", "Look at task runs").alias("task-runs")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Logs(logs) => logs.run(session).await,
    })
}
