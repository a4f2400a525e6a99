//! `sluice database`

mod migrate;
mod status;

use clap::{ArgMatches, Command};
use sluice_server::database::MigrationStatus;
use sluice_server::{BootError, Settings};

use super::settings_arguments;
use crate::exit::Failure;

pub(super) fn command() -> Command {
    Command::new("database")
        .about("Look at and migrate the database")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(migrate::command())
        .subcommand(status::command())
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("migrate", matches)) => migrate::run(matches),
        Some(("status", matches)) => status::run(matches),
        _ => Err(Failure::new("no such command; see `sluice database --help`")),
    }
}

/// The options that say which database is meant.
const DATABASE_SETTINGS: &[&str] = &["home", "database-url", "log-level"];

/// Runs `work` on the database that the options name.
fn on_database(
    matches: &ArgMatches,
    work: impl AsyncFnOnce(&Settings) -> Result<MigrationStatus, BootError>,
) -> Result<MigrationStatus, Failure> {
    let settings = settings_arguments::load(matches)?;
    sluice_server::telemetry::start_logging(&settings);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    Ok(runtime.block_on(work(&settings))?)
}
