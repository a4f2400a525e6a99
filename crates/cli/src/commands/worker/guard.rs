//! `sluice worker guard`: what a worker starts to look after its processes should it be killed. Not for people.

use std::time::Duration;

use clap::{Arg, ArgMatches, Command, value_parser};

use crate::exit::Failure;

pub(super) fn command() -> Command {
    Command::new("guard")
        .about("Look after the processes of a worker that is killed; started by the worker itself")
        .hide(true)
        .arg(Arg::new("worker").required(true).value_name("PID").value_parser(value_parser!(u32)))
        .arg(Arg::new("grace").required(true).value_name("SECONDS").value_parser(value_parser!(u64)))
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let grace = matches.get_one::<u64>("grace").copied().unwrap_or_default();
    let worker = matches.get_one::<u32>("worker").copied().unwrap_or_default();
    sluice_worker::launchers::process::guard(std::io::stdin().lock(), worker, Duration::from_secs(grace));
    Ok(())
}
