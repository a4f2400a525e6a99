//! `sluice server settings`

use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use sluice_server::{Kind, SETTINGS, Setting, Settings};

use crate::commands::settings_arguments;
use crate::exit::Failure;
use crate::output::{self, Cell, Table};

pub(super) fn command() -> Command {
    let command = Command::new("settings")
        .about("Show every setting, its value and where the value came from")
        .after_help(
            "Takes the options of `sluice server start`: shows what a server would be started with. \
             Secrets are hidden. `--output markdown` prints the reference of all settings instead of values.",
        )
        .arg(
            Arg::new("output")
                .long("output")
                .short('o')
                .value_name("FORMAT")
                .value_parser(["table", "json", "markdown"])
                .default_value("table")
                .help("How to print"),
        );
    settings_arguments::add(command, None)
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let settings = settings_arguments::load(matches)?;
    match matches.get_one::<String>("output").map(String::as_str) {
        Some("json") => println!("{:#}", as_json(&settings)),
        Some("markdown") => print!("{}", reference()),
        _ => output::print(&as_table(&settings))?,
    }
    Ok(())
}

fn as_table(settings: &Settings) -> String {
    let rows = settings.shown().map(|(setting, value, source)| {
        let value = if value.is_empty() { "-".to_owned() } else { value };
        vec![Cell::text(setting.name), Cell::text(value), Cell::text(source)]
    });
    Table::new(&["SETTING", "VALUE", "SOURCE"], rows).render(None)
}

fn as_json(settings: &Settings) -> serde_json::Value {
    settings
        .shown()
        .map(|(setting, value, source)| {
            let value = if value.is_empty() { None } else { Some(value) };
            (setting.name.to_owned(), json!({ "value": value, "source": source.to_string() }))
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The table of `docs/settings.md`: what can be set, whatever is set here.
fn reference() -> String {
    let mut text =
        String::from("| setting | value | default | environment | meaning |\n|---|---|---|---|---|\n");
    for setting in SETTINGS {
        let variables: Vec<String> = std::iter::once(setting.variable())
            .chain(setting.accepts.map(str::to_owned))
            .map(|variable| format!("`{variable}`"))
            .collect();
        let default = match setting.default {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        text.push_str(&format!(
            "| `{}` | {} | {default} | {} | {} |\n",
            setting.name,
            kind(setting),
            variables.join("<br>"),
            setting.help.replace('|', "\\|"),
        ));
    }
    text
}

fn kind(setting: &Setting) -> &'static str {
    match setting.kind {
        Kind::Text => "text",
        Kind::Secret => "secret",
        Kind::Bool => "true or false",
        Kind::Integer => "number",
        Kind::Seconds => "seconds",
        Kind::Words => "names, with commas",
    }
}
