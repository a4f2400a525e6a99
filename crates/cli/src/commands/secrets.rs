//! `sluice secrets`

mod rotate;
mod status;

use clap::{ArgMatches, Command};
use sluice_server::{BootError, Settings};

use super::settings_arguments;
use crate::exit::Failure;

pub(super) fn command() -> Command {
    Command::new("secrets")
        .about("Look at and change the keys that secrets are encrypted with")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(rotate::command())
        .subcommand(status::command())
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("rotate", matches)) => rotate::run(matches),
        Some(("status", matches)) => status::run(matches),
        _ => Err(Failure::new("no such command; see `sluice secrets --help`")),
    }
}

/// The options that say which database and which keys are meant.
const SECRETS_SETTINGS: &[&str] = &["home", "database-url", "secrets-key", "log-level"];

/// Runs `work` with the settings that the options name.
fn with_settings<T>(
    matches: &ArgMatches,
    work: impl AsyncFnOnce(&Settings) -> Result<T, BootError>,
) -> Result<T, Failure> {
    let settings = settings_arguments::load(matches)?;
    sluice_server::telemetry::start_logging(&settings);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    Ok(runtime.block_on(work(&settings))?)
}
