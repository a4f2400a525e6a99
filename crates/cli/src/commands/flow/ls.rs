//! `sluice flow ls`

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::json;

use crate::exit::Failure;
use crate::output::table;
use crate::session::{self, OutputFormat};

pub(super) fn command() -> Command {
    session::arguments(Command::new("ls").about("List flows, the newest first")).arg(
        Arg::new("limit")
            .long("limit")
            .value_name("NUMBER")
            .value_parser(value_parser!(usize))
            .default_value("15")
            .help("How many at most"),
    )
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let limit = matches.get_one::<usize>("limit").copied().unwrap_or(15);
    session::run(matches, async move |session| {
        let flows = session.client.flows(&json!({ "sort": "CREATED_DESC" }), limit).await?;
        match session.output {
            OutputFormat::Json => println!("{}", serde_json::to_string_pretty(&flows)?),
            OutputFormat::Text => {
                let rows = flows
                    .iter()
                    .map(|flow| vec![flow.id.to_string(), flow.name.clone(), flow.created.to_string()]);
                print!("{}", table(&["ID", "NAME", "CREATED"], rows));
            }
        }
        Ok(())
    })
}
