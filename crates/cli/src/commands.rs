//! The commands.

mod database;
mod flow;
mod secrets;
mod server;
mod settings_arguments;
mod up;
mod version;
mod worker;

use clap::{ArgMatches, Command};

use crate::exit::Failure;

pub(crate) fn root() -> Command {
    Command::new("sluice")
        .about("A self-hosted data platform that is compatible with the Prefect 3 SDK, CLI and workers")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(up::command())
        .subcommand(server::command())
        .subcommand(worker::command())
        .subcommand(flow::command())
        .subcommand(database::command())
        .subcommand(secrets::command())
        .subcommand(version::command())
}

pub(crate) fn dispatch(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("up", matches)) => up::run(matches),
        Some(("server", matches)) => server::run(matches),
        Some(("worker", matches)) => worker::run(matches),
        Some(("flow", matches)) => flow::run(matches),
        Some(("database", matches)) => database::run(matches),
        Some(("secrets", matches)) => secrets::run(matches),
        Some(("version", matches)) => version::run(matches),
        _ => Err(Failure::new("no such command; see `sluice --help`")),
    }
}
