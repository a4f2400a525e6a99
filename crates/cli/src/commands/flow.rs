//! `sluice flow`

mod ls;

use clap::{ArgMatches, Command};

use crate::exit::Failure;

pub(super) fn command() -> Command {
    Command::new("flow")
        .about("Look at flows")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(ls::command())
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("ls", matches)) => ls::run(matches),
        _ => Err(Failure::new("no such command; see `sluice flow --help`")),
    }
}
