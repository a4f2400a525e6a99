//! `sluice completions`

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;

use crate::exit::Failure;
use crate::output;

pub(super) fn command() -> Command {
    Command::new("completions")
        .about("Print what makes a shell complete the commands and options of sluice")
        .arg(
            Arg::new("shell")
                .required(true)
                .value_name("SHELL")
                .value_parser(value_parser!(Shell))
                .help("Which shell"),
        )
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let Some(shell) = matches.get_one::<Shell>("shell") else {
        return Err(Failure::usage("name a shell"));
    };
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut super::root(), "sluice", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
