//! `sluice artifact`

mod delete;
mod inspect;
mod ls;

use clap::{ArgMatches, Command, Subcommand};

use crate::exit::Failure;
use crate::session;

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Delete(delete::Delete),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("artifact", "Look at artifacts and delete them")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
    })
}
