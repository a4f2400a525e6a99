//! `sluice secrets status`

use clap::{Arg, ArgMatches, Command};
use sluice_server::secret_rotation::{KeyUse, key_uses};

use super::{SECRETS_SETTINGS, with_settings};
use crate::commands::settings_arguments;
use crate::exit::Failure;
use crate::output::{self, Cell, Table};

pub(super) fn command() -> Command {
    let command =
        Command::new("status").about("Show which keys there are and how many secrets need each").arg(
            Arg::new("output")
                .long("output")
                .short('o')
                .value_name("FORMAT")
                .value_parser(["text", "json"])
                .default_value("text")
                .help("How to print"),
        );
    settings_arguments::add(command, Some(SECRETS_SETTINGS))
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let uses = with_settings(matches, key_uses)?;
    if matches.get_one::<String>("output").is_some_and(|output| output == "json") {
        let keys: Vec<_> = uses
            .iter()
            .map(|one| serde_json::json!({"key": one.key.as_str(), "state": state(one), "secrets": one.secrets}))
            .collect();
        println!("{}", serde_json::json!(keys));
        return Ok(());
    }
    if uses.is_empty() {
        println!("There is no key: the server makes one when it starts for the first time.");
        return Ok(());
    }
    let rows =
        uses.iter().map(|one| vec![Cell::text(&one.key), Cell::text(state(one)), Cell::exact(one.secrets)]);
    output::print(&Table::new(&["KEY", "STATE", "SECRETS"], rows).render(None))
}

fn state(one: &KeyUse) -> &'static str {
    match (one.is_known, one.is_current) {
        (false, _) => "missing",
        (true, true) => "current",
        (true, false) => "old",
    }
}
