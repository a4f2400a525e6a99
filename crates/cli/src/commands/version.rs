//! `sluice version`

use clap::{Arg, ArgMatches, Command};

use crate::exit::Failure;

/// The version of Prefect whose API is served.
const COMPATIBLE_WITH: &str = "3.8.8";

pub(super) fn command() -> Command {
    Command::new("version").about("Show the version").arg(
        Arg::new("output")
            .long("output")
            .short('o')
            .value_name("FORMAT")
            .value_parser(["text", "json"])
            .default_value("text")
            .help("How to print"),
    )
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    if matches.get_one::<String>("output").is_some_and(|output| output == "json") {
        println!("{}", serde_json::json!({ "version": version, "compatible_with": COMPATIBLE_WITH }));
    } else {
        println!("sluice {version} (compatible with Prefect {COMPATIBLE_WITH})");
    }
    Ok(())
}
