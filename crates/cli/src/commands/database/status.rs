//! `sluice database status`

use clap::{Arg, ArgMatches, Command};

use super::{DATABASE_SETTINGS, on_database};
use crate::commands::settings_arguments;
use crate::exit::Failure;

pub(super) fn command() -> Command {
    let command = Command::new("status").about("Show the version of the schema").arg(
        Arg::new("output")
            .long("output")
            .short('o')
            .value_name("FORMAT")
            .value_parser(["text", "json"])
            .default_value("text")
            .help("How to print"),
    );
    settings_arguments::add(command, Some(DATABASE_SETTINGS))
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let status = on_database(matches, sluice_server::database::status)?;
    if matches.get_one::<String>("output").is_some_and(|output| output == "json") {
        println!(
            "{}",
            serde_json::json!({
                "version": status.found,
                "newest": status.known,
                "is_current": status.is_current(),
            })
        );
    } else if status.found > status.known {
        println!("Version {}; this program knows {}: start a newer version.", status.found, status.known);
    } else if status.is_current() {
        println!("Version {}: up to date.", status.found);
    } else {
        println!("Version {} of {}: run `sluice database migrate`.", status.found, status.known);
    }
    Ok(())
}
