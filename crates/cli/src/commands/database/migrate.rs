//! `sluice database migrate`

use clap::{ArgMatches, Command};

use super::{DATABASE_SETTINGS, on_database};
use crate::commands::settings_arguments;
use crate::exit::Failure;

pub(super) fn command() -> Command {
    let command = Command::new("migrate").about("Bring the schema to the newest version");
    settings_arguments::add(command, Some(DATABASE_SETTINGS))
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let before = on_database(matches, sluice_server::database::migrate)?;
    if before.is_current() {
        println!("The database is up to date (version {}).", before.known);
    } else {
        println!("Migrated the database from version {} to {}.", before.found, before.known);
    }
    Ok(())
}
