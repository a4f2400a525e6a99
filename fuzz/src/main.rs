//! `make fuzz`: looks for inputs that break a reader.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use sluice_fuzz::campaign::{Limits, Until, run};
use sluice_fuzz::targets::TARGETS;

/// Throws changed inputs at everything that reads what clients write.
#[derive(Debug, Parser)]
#[command(name = "sluice-fuzz")]
struct Arguments {
    /// Only these (repeatable); all of them when absent.
    #[arg(long, value_name = "NAME", value_parser = TARGETS.iter().map(|target| target.name).collect::<Vec<_>>())]
    only: Vec<String>,

    /// How long each runs, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,

    /// What the changes are drawn from: the same seed makes the same inputs. By default another one in every run.
    #[arg(long)]
    seed: Option<u64>,

    /// Say which input took longest.
    #[arg(long)]
    show_slowest: bool,

    /// How many seconds one input may take.
    #[arg(long, default_value_t = 5)]
    input_seconds: u64,

    /// How many MiB the process may grow with one target.
    #[arg(long, default_value_t = 512)]
    memory_mib: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(rand::random);
    let limits = Limits {
        time: Duration::from_secs(arguments.input_seconds),
        memory_bytes: arguments.memory_mib << 20,
    };
    println!("seed {seed}");
    println!("{:<18}{:>12}{:>12}{:>12}{:>10}", "target", "inputs", "slowest", "growth", "failures");
    let mut failures = Vec::new();
    let is_asked = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|only| only == name);
    for target in TARGETS.iter().filter(|target| is_asked(target.name)) {
        let report = run(target, seed, Until::Elapsed(Duration::from_secs(arguments.seconds)), limits);
        println!(
            "{:<18}{:>12}{:>9.1} ms{:>8} MiB{:>10}",
            target.name,
            report.inputs,
            report.slowest.as_secs_f64() * 1e3,
            report.growth_bytes >> 20,
            report.failures.len()
        );
        if arguments.show_slowest {
            println!("  the slowest: {}", report.slowest_input);
        }
        failures.extend(report.failures);
    }
    if failures.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("kept as regressions, which every test run tries again:\n{}", failures.join("\n"));
    ExitCode::FAILURE
}
