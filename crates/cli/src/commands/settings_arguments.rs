//! Every setting as an option of a command.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use sluice_server::{Kind, SETTINGS, Setting, Settings, SettingsError};

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
        let variable = setting.variable();
        let default = match setting.default {
            "" => String::new(),
            default => format!(" [default: {default}]"),
        };
        let accepts = setting.accepts.map(|name| format!(", {name}")).unwrap_or_default();
        command = command.arg(
            Arg::new(setting.name)
                .long(setting.name)
                .value_name(value_name(setting))
                .help_heading(heading(setting.name))
                .help(format!("{}{default}", setting.help))
                .long_help(format!("{}{default}\n[env: {variable}{accepts}]", setting.help)),
        );
    }
    command
}

fn value_name(setting: &Setting) -> String {
    match setting.kind {
        Kind::Bool => "true|false".to_owned(),
        Kind::Integer => "NUMBER".to_owned(),
        Kind::Seconds => "SECONDS".to_owned(),
        Kind::Words => "NAMES".to_owned(),
        Kind::Secret => "TEXT".to_owned(),
        Kind::Text => setting.name.rsplit('-').next().unwrap_or_default().to_uppercase(),
    }
}

/// Under which heading of `--help` the setting stands.
fn heading(name: &str) -> Option<&'static str> {
    const HEADINGS: &[(&str, &str)] = &[
        ("database-", "Database"),
        ("auth-", "Access"),
        ("secrets-", "Access"),
        ("csrf-", "Access"),
        ("log-", "Logs and metrics"),
        ("metrics-", "Logs and metrics"),
        ("default-limit", "Limits"),
        ("max-", "Limits"),
        ("event-retention", "Retention"),
        ("run-retention", "Retention"),
        ("incident-retention", "Retention"),
        ("retention-", "Retention"),
        ("deployment-", "Concurrency"),
        ("slot-", "Concurrency"),
        ("tag-slot-", "Concurrency"),
        ("services-", "Services"),
        ("scheduler-", "Services"),
        ("late-runs-", "Services"),
        ("foreman-", "Services"),
        ("last-polled-", "Services"),
        ("worker-", "Services"),
        ("cancelling-", "Services"),
        ("flow-run-", "Services"),
        ("zombie-runs-", "Services"),
        ("stranded-runs-", "Services"),
        ("notifications-", "Notifications"),
        ("smtp-", "Notifications"),
    ];
    HEADINGS.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, heading)| *heading)
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
