//! `sluice server`

mod settings;
mod start;
mod status;

use clap::{ArgMatches, Command};

pub(super) use start::{Companion, serve};

use crate::exit::Failure;

pub(super) fn command() -> Command {
    Command::new("server")
        .about("Run the server, ask how it is, look at its settings")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(start::command())
        .subcommand(status::command())
        .subcommand(settings::command())
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("start", matches)) => start::run(matches),
        Some(("status", matches)) => status::run(matches),
        Some(("settings", matches)) => settings::run(matches),
        _ => Err(Failure::new("no such command; see `sluice server --help`")),
    }
}
