//! The load generator: runs the same work against Sluice and against the reference server, one after the
//! other on this machine, and prints how the two compare. `docs/benchmarks.md` explains every scenario.

mod cpu;
mod drain;
mod event_stream;
mod event_subscription;
mod failure;
mod http_client;
mod load;
mod report;
mod scenarios;
mod servers;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::failure::Failure;
use crate::report::{Measurement, Report};
use crate::scenarios::Scenario;
use crate::servers::{Programs, Server, ServerKind};
use crate::workload::Workload;

/// A healthy server may still be busy with what it does once at its start; that belongs to no scenario.
const START_UP_WORK: Duration = Duration::from_secs(5);

/// Compares Sluice with the reference server: the same work on both, in turn, on this machine.
#[derive(Debug, Parser)]
#[command(name = "sluice-bench")]
struct Arguments {
    /// Run only these scenarios (repeatable); all of them when absent.
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Scenario>,

    /// Which servers to run.
    #[arg(long, value_enum, default_value = "both")]
    server: Selection,

    /// How to print the result.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,

    /// The `sluice` binary to measure; a release build, or the figures mean nothing.
    #[arg(long, env = "SLUICE_BENCH_SLUICE", default_value = "target/release/sluice")]
    sluice: PathBuf,

    /// A Python interpreter that can import the reference server.
    #[arg(long, env = "SLUICE_BENCH_REFERENCE_PYTHON", value_name = "PYTHON")]
    reference_python: Option<PathBuf>,

    /// Where the temporary databases go; the system's temporary directory when absent.
    #[arg(long, value_name = "DIRECTORY")]
    work_directory: Option<PathBuf>,

    /// The longest that one measurement may send load, in seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,

    /// Flow runs in the database of the `reads` scenario.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(1_000..=5_000_000))]
    size: u64,

    /// Flow runs that `fill` creates on Sluice; a million takes some minutes, and `--seconds 600`.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=5_000_000))]
    fill: u64,

    /// Events in the bursts of `events-websocket` and `memory`.
    #[arg(long, default_value_t = 40_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    events: u64,

    /// Task runs that `events-task-runs` sends (three events each).
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    task_runs: u64,

    /// Scheduled runs waiting in the work pool of `poll`.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=200_000))]
    due_runs: u64,

    /// Schedules in the database of `idle`.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=200_000))]
    schedules: u64,

    /// How long `idle` watches a server that nobody talks to, in seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=600))]
    rest: u64,

    /// How long `idle` waits for a server to finish scheduling before it watches, in seconds.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    settle: u64,

    /// Automations in the database of `automations`.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(100..=20_000))]
    automations: u64,

    /// Events a second that `automations` sends to Sluice.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(100..=200_000))]
    rate: u64,

    /// Tenth of the usual counts: a check that everything works, not a measurement.
    #[arg(long)]
    quick: bool,
}

/// Which of the two servers to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Selection {
    Both,
    Sluice,
    Reference,
}

/// The form of the report on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Table,
    Json,
}

#[tokio::main]
async fn main() -> ExitCode {
    // Only plain HTTP is spoken here, but in a build of the whole workspace the HTTP client has TLS and wants to know
    // whose. An error says that a provider is installed already: it is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    // Dropping the future drops the running server, which ends its process: nothing outlives an interrupt.
    let outcome = tokio::select! {
        outcome = run(&arguments) => outcome,
        () = interrupted() => Err(Failure::Interrupted),
    };
    match outcome {
        Ok(report) => {
            match arguments.output {
                Output::Table => print!("{}", report.table()),
                Output::Json => println!("{:#}", report.json()),
            }
            if report.has_failures() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Runs every selected scenario on every selected server. A scenario that fails is reported and the rest goes
/// on: a server that cannot do the work is a result.
async fn run(arguments: &Arguments) -> Result<Report, Failure> {
    let programs = Programs {
        sluice: arguments.sluice.clone(),
        reference_python: arguments.reference_python.clone(),
        work_directory: arguments.work_directory.clone().unwrap_or_else(std::env::temp_dir),
    };
    let kinds: &[ServerKind] = match arguments.server {
        Selection::Both => &[ServerKind::Sluice, ServerKind::Reference],
        Selection::Sluice => &[ServerKind::Sluice],
        Selection::Reference => &[ServerKind::Reference],
    };
    for kind in kinds {
        programs.check(*kind)?;
    }
    let selected =
        if arguments.only.is_empty() { Scenario::value_variants().to_vec() } else { arguments.only.clone() };

    let mut report = Report::default();
    for scenario in selected {
        for kind in kinds {
            let workload = arguments.workload(*kind);
            eprintln!("{} on {}: starting", scenario.name(), kind.name());
            let outcome = run_scenario(scenario, *kind, &programs, &workload).await;
            match &outcome {
                Ok(measurements) => {
                    for measurement in measurements {
                        eprintln!("{} on {}: {}", scenario.name(), kind.name(), measurement.summary());
                    }
                }
                Err(failure) => eprintln!("{} on {}: failed: {failure}", scenario.name(), kind.name()),
            }
            report.add(scenario.name(), *kind, outcome);
        }
    }
    Ok(report)
}

/// One scenario on a fresh server with a fresh database.
async fn run_scenario(
    scenario: Scenario,
    kind: ServerKind,
    programs: &Programs,
    workload: &Workload,
) -> Result<Vec<Measurement>, Failure> {
    let mut server = Server::start(kind, programs).await?;
    tokio::time::sleep(START_UP_WORK).await;
    let outcome = scenario.run(&mut server, workload).await;
    if let Err(failure) = &outcome {
        eprintln!("last lines of the server's log after `{failure}`:\n{}", server.log_tail());
    }
    server.stop().await?;
    outcome
}

impl Arguments {
    fn workload(&self, kind: ServerKind) -> Workload {
        let mut workload = Workload::for_server(kind);
        workload.time_limit = Duration::from_secs(self.seconds);
        workload.stored_flow_runs = self.size;
        workload.burst_events = self.events;
        workload.task_runs = self.task_runs;
        workload.due_runs = self.due_runs;
        workload.schedules = self.schedules;
        workload.rest = Duration::from_secs(self.rest);
        workload.settle = Duration::from_secs(self.settle);
        workload.automations = self.automations;
        if kind == ServerKind::Sluice {
            workload.events_per_second = self.rate;
            workload.filled_runs = self.fill;
        }
        if self.quick { workload.tenth() } else { workload }
    }
}

/// Resolves at Ctrl-C or at a request to terminate.
async fn interrupted() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
