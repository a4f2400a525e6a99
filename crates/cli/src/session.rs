//! What every command that speaks with a server has in common: which server, and in which form it prints.

use clap::{Arg, ArgMatches, Command};
use sluice_client::{Client, Target};

use crate::exit::Failure;

/// How often a command asks again when the server is away for a moment.
const RETRIES: u32 = 3;

/// A command's way to the server.
pub(crate) struct Session {
    /// Speaks with the server.
    pub(crate) client: Client,
    /// In which form results are printed.
    pub(crate) output: OutputFormat,
}

/// In which form results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    /// Tables and sentences for people.
    Text,
    /// One JSON document for programs.
    Json,
}

/// Adds `--profile` and `--output`.
pub(crate) fn arguments(command: Command) -> Command {
    command
        .arg(
            Arg::new("profile")
                .long("profile")
                .short('p')
                .value_name("NAME")
                .help("Profile that says which server is meant [default: the one in use]"),
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

/// The form that `--output` asks for.
pub(crate) fn output_format(matches: &ArgMatches) -> OutputFormat {
    match matches.get_one::<String>("output").map(String::as_str) {
        Some("json") => OutputFormat::Json,
        _ => OutputFormat::Text,
    }
}

/// Runs `work` with a session for the server that options, environment and profiles name.
pub(crate) fn run(
    matches: &ArgMatches,
    work: impl AsyncFnOnce(Session) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let profile = matches.get_one::<String>("profile").map(String::as_str);
    let target = Target::find(|name| std::env::var(name).ok(), profile)?;
    let client = Client::new(target)?.with_retries(RETRIES);
    let session = Session { client, output: output_format(matches) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work(session))
}
