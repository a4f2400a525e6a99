//! `sluice up`

use clap::{ArgMatches, Command};

use super::{server, settings_arguments};
use crate::exit::Failure;

pub(super) fn command() -> Command {
    let command =
        Command::new("up").about("Start everything that a laptop needs: the server on an embedded database");
    settings_arguments::add(
        command,
        Some(&["host", "port", "home", "database-url", "log-level", "log-format"]),
    )
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    server::serve(&settings_arguments::load(matches)?)
}
