//! What every command that speaks with a server has in common: which server, and in which form it prints.
//!
//! A group of commands is an enum of its verbs; each verb is a struct of its arguments in a file of its own, with a
//! `run` that takes the [`Session`]. [`group`] makes the clap command of such an enum, [`run`] runs it.

use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches, Subcommand};
use serde::Serialize;
use sluice_client::{Client, Target};
use sluice_wire::time::Timestamp;

use crate::exit::Failure;
use crate::output::{self, Cell, Table};

/// How often a command asks again when the server is away for a moment.
const RETRIES: u32 = 2;

/// Where help lists the options that every command of a server has.
const COMMON: &str = "Options of every command";

/// A command's way to the server and to its user.
pub(crate) struct Session {
    /// Speaks with the server.
    pub(crate) client: Client,
    /// How results are printed.
    pub(crate) printer: Printer,
    /// The profile that was named.
    pub(crate) profile: Option<String>,
}

/// How results are printed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    /// In which form.
    pub(crate) format: OutputFormat,
    /// The columns that tables have to fit in, if they have to.
    pub(crate) width: Option<usize>,
    /// What times are told from.
    pub(crate) now: Timestamp,
}

/// In which form results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    /// Tables and sentences for people.
    Text,
    /// One JSON document for programs.
    Json,
}

/// The command of a group, whose verbs all have the options of a session.
pub(crate) fn group<Verbs: Subcommand>(name: &'static str, about: &'static str) -> Command {
    let command = Command::new(name).about(about).subcommand_required(true).arg_required_else_help(true);
    arguments(Verbs::augment_subcommands(command))
}

/// Adds `--profile`, `--output` and `--wide` to a command and to those below it.
pub(crate) fn arguments(command: Command) -> Command {
    command
        .arg(
            Arg::new("profile")
                .long("profile")
                .value_name("NAME")
                .global(true)
                .help_heading(COMMON)
                .help("Profile that says which server is meant [default: the one in use]"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .short('o')
                .value_name("FORMAT")
                .global(true)
                .help_heading(COMMON)
                .value_parser(["text", "json"])
                .default_value("text")
                .help("How to print"),
        )
        .arg(
            Arg::new("wide")
                .long("wide")
                .global(true)
                .help_heading(COMMON)
                .action(ArgAction::SetTrue)
                .help("Print tables in full, however wide the terminal is"),
        )
}

impl Printer {
    pub(crate) fn new(matches: &ArgMatches) -> Self {
        let format = match matches.get_one::<String>("output").map(String::as_str) {
            Some("json") => OutputFormat::Json,
            _ => OutputFormat::Text,
        };
        let width = if matches.get_flag("wide") { None } else { output::terminal_width() };
        Self { format, width, now: now() }
    }

    /// Whether programs read the output.
    pub(crate) fn is_json(&self) -> bool {
        self.format == OutputFormat::Json
    }

    /// Prints a list: as a table with a row of each item, or as JSON. `what` names the items, in the plural.
    pub(crate) fn list<T: Serialize>(
        &self,
        what: &str,
        items: &[T],
        titles: &[&'static str],
        row: impl Fn(&T) -> Vec<Cell>,
    ) -> Result<(), Failure> {
        self.rows(what, items, titles, items.iter().map(row))
    }

    /// The same, with the rows in the order of the items.
    pub(crate) fn rows(
        &self,
        what: &str,
        items: &[impl Serialize],
        titles: &[&'static str],
        rows: impl IntoIterator<Item = Vec<Cell>>,
    ) -> Result<(), Failure> {
        if self.is_json() {
            return output::print_json(&items);
        }
        if items.is_empty() {
            eprintln!("There are no {what}.");
            return Ok(());
        }
        output::print(&Table::new(titles, rows).render(self.width))
    }

    /// Prints one object with all its fields.
    pub(crate) fn inspect(&self, object: &impl Serialize) -> Result<(), Failure> {
        if self.is_json() {
            return output::print_json(object);
        }
        output::print(&output::details(&serde_json::to_value(object)?, self.now))
    }

    /// Says what was done: the sentence to people, the object that it was done to, to programs.
    pub(crate) fn done(&self, object: &impl Serialize, sentence: &str) -> Result<(), Failure> {
        if self.is_json() { output::print_json(object) } else { output::print(&format!("{sentence}\n")) }
    }
}

/// The time that commands tell other times from.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_jiff(jiff::Timestamp::now())
}

/// The client for the server that options, environment and profiles name.
pub(crate) fn client(matches: &ArgMatches) -> Result<Client, Failure> {
    let profile = matches.get_one::<String>("profile").map(String::as_str);
    let target = Target::find(|name| std::env::var(name).ok(), profile)?;
    Ok(Client::new(target)?.with_retries(RETRIES))
}

/// Runs the verb that the arguments name, with a session.
pub(crate) fn run<Verbs: Subcommand>(
    matches: &ArgMatches,
    work: impl AsyncFnOnce(Verbs, &Session) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let verb = verb::<Verbs>(matches)?;
    let profile = matches.get_one::<String>("profile").cloned();
    let session = Session { client: client(matches)?, printer: Printer::new(matches), profile };
    block_on(work(verb, &session))
}

/// The verb that the arguments name.
pub(crate) fn verb<Verbs: Subcommand>(matches: &ArgMatches) -> Result<Verbs, Failure> {
    <Verbs as FromArgMatches>::from_arg_matches(matches).map_err(|error| Failure::usage(error.render()))
}

/// Waits for `work` on a runtime of its own; a signal to interrupt ends the process as it always does.
pub(crate) fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
