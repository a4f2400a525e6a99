//! `sluice flow`

mod ls;

use clap::{ArgMatches, Command, Subcommand};

use crate::exit::Failure;
use crate::session;

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("flow", "Look at flows").alias("flows")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
    })
}
