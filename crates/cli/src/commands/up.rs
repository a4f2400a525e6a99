//! `sluice up`

mod worker;

use clap::{Arg, ArgAction, ArgMatches, Command};

use self::worker::UpWorker;
use super::{server, settings_arguments};
use crate::exit::Failure;
use crate::output::say;

pub(super) fn command() -> Command {
    let command = Command::new("up")
        .about("Start everything that a laptop needs: the server on an embedded database, and a worker")
        .after_help(
            "The worker takes runs of a process pool, if there is a Python with Prefect: that of the virtual \
             environment in use, or of PATH.",
        )
        .arg(
            Arg::new("pool")
                .long("pool")
                .value_name("NAME")
                .default_value("default")
                .help_heading("Worker")
                .help("Work pool that the worker takes runs of; created when it does not exist"),
        )
        .arg(
            Arg::new("no-worker")
                .long("no-worker")
                .action(ArgAction::SetTrue)
                .help_heading("Worker")
                .help("Start the server alone"),
        );
    settings_arguments::add(
        command,
        Some(&["host", "port", "home", "database-url", "log-level", "log-format"]),
    )
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let settings = settings_arguments::load(matches)?;
    let pool = matches.get_one::<String>("pool").cloned().unwrap_or_default();
    let wants_worker = !matches.get_flag("no-worker");
    let auth_string = settings.get("auth-string").map(str::to_owned);
    server::serve(&settings, async move |address| {
        if !wants_worker {
            return None;
        }
        match UpWorker::start(address, &pool, auth_string.as_deref()).await {
            Ok(worker) => {
                say(format!("A worker takes the runs of the pool {pool:?}: deploy to it with --pool {pool}"));
                Some(worker)
            }
            Err(why) => {
                say(format!("No worker was started: {why}"));
                None
            }
        }
    })
}
