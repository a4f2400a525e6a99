//! `sluice event`

mod emit;
mod stream;

use clap::{ArgMatches, Command, Subcommand};

use crate::exit::Failure;
use crate::session;

#[derive(Subcommand)]
enum Verbs {
    Stream(stream::Stream),
    Emit(emit::Emit),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("event", "Hear of events and tell of them").visible_alias("events")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Stream(stream) => stream.run(session).await,
        Verbs::Emit(emit) => emit.run(session).await,
    })
}
