//! `sluice deploy inspect`: what the source of a flow says of it.

use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use sluice_platform::inspect_flow;

use crate::exit::Failure;
use crate::output::{Cell, Table, print, print_json, terminal_width};

pub(super) fn command() -> Command {
    Command::new("inspect")
        .about("Show what the source of flows says of them")
        .arg(
            Arg::new("entrypoints")
                .value_name("ENTRYPOINT")
                .required(true)
                .num_args(1..)
                .help("path/to/file.py:function"),
        )
        .arg(
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
    let directory = std::env::current_dir()?;
    let virtual_env = std::env::var("VIRTUAL_ENV").ok();
    let is_json = matches.get_one::<String>("output").is_some_and(|format| format == "json");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut documents = Vec::new();
    for entrypoint in matches.get_many::<String>("entrypoints").into_iter().flatten() {
        let (flow, note) = runtime.block_on(inspect_flow(entrypoint, &directory, virtual_env.as_deref()))?;
        if is_json {
            documents.push(json!({ "entrypoint": entrypoint, "flow": flow, "note": note }));
            continue;
        }
        println!("{} ({entrypoint})", flow.name);
        if let Some(description) = &flow.description {
            println!("  {}", description.lines().next().unwrap_or_default());
        }
        let properties = flow.parameter_openapi_schema.get("properties").and_then(|value| value.as_object());
        let rows = properties.into_iter().flatten().map(|(name, property)| {
            let cell = |key: &str| property.get(key).map(ToString::to_string).unwrap_or_default();
            let kind = ["type", "anyOf", "enum", "const", "$ref"]
                .iter()
                .map(|key| cell(key))
                .find(|cell| !cell.is_empty());
            vec![Cell::text(name), Cell::text(kind.unwrap_or_default()), Cell::text(cell("default"))]
        });
        print(&Table::new(&["PARAMETER", "TYPE", "DEFAULT"], rows).render(terminal_width()))?;
        if let Some(note) = note {
            println!("note: {note}");
        }
    }
    if is_json {
        print_json(&documents)?;
    }
    Ok(())
}
