//! Every setting as an option of a command.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use sluice_server::{SETTINGS, Settings, SettingsError};

/// Adds the settings with these names, or all of them, and `--config`.
pub(super) fn add(mut command: Command, names: Option<&[&str]>) -> Command {
    command = command.arg(
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .help("Settings file (TOML) [default: sluice.toml in the home directory, if it exists]"),
    );
    for setting in SETTINGS {
        if names.is_some_and(|names| !names.contains(&setting.name)) {
            continue;
        }
        let variable = format!("SLUICE_{}", setting.name.replace('-', "_").to_uppercase());
        let default = match setting.default {
            "" => String::new(),
            default => format!(" [default: {default}]"),
        };
        let accepts = setting.accepts.map(|name| format!(", {name}")).unwrap_or_default();
        command = command.arg(
            Arg::new(setting.name)
                .long(setting.name)
                .value_name(setting.name.rsplit('-').next().unwrap_or_default().to_uppercase())
                .help(format!("{}{default}", setting.help))
                .long_help(format!("{}{default}\n[env: {variable}{accepts}]", setting.help)),
        );
    }
    command
}

/// Finds the values of all settings.
pub(super) fn load(matches: &ArgMatches) -> Result<Settings, SettingsError> {
    let mut arguments = BTreeMap::new();
    for setting in SETTINGS {
        if let Ok(Some(value)) = matches.try_get_one::<String>(setting.name) {
            arguments.insert(setting.name.to_owned(), value.clone());
        }
    }
    let file = matches.get_one::<String>("config").map(PathBuf::from);
    Settings::load(&arguments, |name| std::env::var(name).ok(), file.as_deref())
}
