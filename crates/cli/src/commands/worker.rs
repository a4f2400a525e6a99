//! `sluice worker`

mod guard;
mod start;

use clap::{ArgMatches, Command};

use crate::exit::Failure;

pub(super) fn command() -> Command {
    Command::new("worker")
        .about("Run a worker")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(start::command())
        .subcommand(guard::command())
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("start", matches)) => start::run(matches),
        Some(("guard", matches)) => guard::run(matches),
        _ => Err(Failure::new("no such command; see `sluice worker --help`")),
    }
}
