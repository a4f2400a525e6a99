//! The commands.

mod api;
mod artifact;
mod automation;
mod block;
mod completions;
mod concurrency_limit;
mod config;
mod database;
mod deploy;
mod deployment;
mod doctor;
mod event;
mod flow;
mod flow_run;
mod global_concurrency_limit;
mod profile;
mod run_filters;
mod run_logs;
mod scheduled_runs;
mod secrets;
mod server;
mod settings_arguments;
mod slots;
mod task_run;
mod up;
mod variable;
mod version;
mod work_pool;
mod work_queue;
mod worker;

use clap::{ArgMatches, Command};
pub(crate) use run_logs::line as log_line;

use crate::exit::Failure;

pub(crate) fn root() -> Command {
    Command::new("sluice")
        .about("A self-hosted data platform that is compatible with the Prefect 3 SDK, CLI and workers")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(up::command())
        .subcommand(server::command())
        .subcommand(worker::command())
        .subcommand(deploy::command())
        .subcommand(flow::command())
        .subcommand(flow_run::command())
        .subcommand(task_run::command())
        .subcommand(deployment::command())
        .subcommand(work_pool::command())
        .subcommand(work_queue::command())
        .subcommand(block::command())
        .subcommand(variable::command())
        .subcommand(artifact::command())
        .subcommand(concurrency_limit::command())
        .subcommand(global_concurrency_limit::command())
        .subcommand(automation::command())
        .subcommand(event::command())
        .subcommand(api::command())
        .subcommand(profile::command())
        .subcommand(config::command())
        .subcommand(doctor::command())
        .subcommand(completions::command())
        .subcommand(database::command())
        .subcommand(secrets::command())
        .subcommand(version::command())
}

pub(crate) fn dispatch(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("up", matches)) => up::run(matches),
        Some(("server", matches)) => server::run(matches),
        Some(("worker", matches)) => worker::run(matches),
        Some(("deploy", matches)) => deploy::run(matches),
        Some(("flow", matches)) => flow::run(matches),
        Some(("flow-run", matches)) => flow_run::run(matches),
        Some(("task-run", matches)) => task_run::run(matches),
        Some(("deployment", matches)) => deployment::run(matches),
        Some(("work-pool", matches)) => work_pool::run(matches),
        Some(("work-queue", matches)) => work_queue::run(matches),
        Some(("block", matches)) => block::run(matches),
        Some(("variable", matches)) => variable::run(matches),
        Some(("artifact", matches)) => artifact::run(matches),
        Some(("concurrency-limit", matches)) => concurrency_limit::run(matches),
        Some(("global-concurrency-limit", matches)) => global_concurrency_limit::run(matches),
        Some(("automation", matches)) => automation::run(matches),
        Some(("event", matches)) => event::run(matches),
        Some(("api", matches)) => api::run(matches),
        Some(("profile", matches)) => profile::run(matches),
        Some(("config", matches)) => config::run(matches),
        Some(("doctor", matches)) => doctor::run(matches),
        Some(("completions", matches)) => completions::run(matches),
        Some(("database", matches)) => database::run(matches),
        Some(("secrets", matches)) => secrets::run(matches),
        Some(("version", matches)) => version::run(matches),
        _ => Err(Failure::new("no such command; see `sluice --help`")),
    }
}
