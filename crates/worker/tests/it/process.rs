//! Processes and their limits.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, json};
use sluice_worker::launchers::process::{ProcessLauncher, ProcessOptions};
use sluice_worker::launchers::{Command, Exit, Job, LaunchError, Launcher};
use sluice_worker::warm_python::{Recycling, WarmPython};
use tokio::sync::mpsc;

async fn run(line: &str, mem_limit: serde_json::Value) -> Result<Exit, LaunchError> {
    let options = ProcessOptions {
        python: PathBuf::from("python3"),
        warm_python: WarmPython::Off,
        recycling: Recycling::default(),
        memory_limit: None,
        orphan_grace: Duration::ZERO,
        guardian: None,
    };
    let environment: BTreeMap<String, String> = std::env::vars().collect();
    let launcher = ProcessLauncher::start(options, environment).await?;
    let mut configuration = Map::new();
    configuration.insert("mem_limit".to_owned(), mem_limit);
    let job = Job {
        flow_run: "11111111-1111-4111-8111-111111111111".parse().unwrap(),
        flow_run_name: "limited".to_owned(),
        command: Command::Line(line.to_owned()),
        environment: BTreeMap::new(),
        labels: BTreeMap::new(),
        configuration,
    };
    // Nobody reads the lines, and there is room for one.
    let (sink, _lines) = mpsc::channel(1);
    Ok(launcher.launch(&job, sink).await?.ended.await)
}

/// Keeps one line of a hundred megabytes in memory, in a process that another one started, until it is killed.
const GREEDY: &str = "sh -c '(head -c 100000000 /dev/zero; sleep 600) | tail -n 1; true'";

#[tokio::test]
async fn a_run_that_takes_more_memory_than_it_may_is_killed() {
    let exit = run(GREEDY, json!("50m")).await.unwrap();
    assert_eq!(exit.code, Some(137));
    let reason = exit.reason.unwrap();
    assert!(reason.starts_with("killed for taking "), "{reason}");
    assert!(reason.ends_with(" MiB of memory, more than the 50 MiB that it may"), "{reason}");
}

#[tokio::test]
async fn a_run_within_its_limit_goes_on() {
    // Longer than it takes to look twice.
    let exit = run("sh -c 'sleep 1.2; exit 3'", json!("50m")).await.unwrap();
    assert_eq!((exit.code, exit.reason), (Some(3), None));
}

#[tokio::test]
async fn a_limit_that_is_none_is_the_jobs_fault() {
    for limit in [json!("much"), json!(0), json!(true)] {
        let error = run("true", limit).await.unwrap_err().to_string();
        assert!(error.contains("is no amount of memory; write it like 512m or 2g"), "{error}");
    }
}

#[tokio::test]
async fn a_run_ends_although_nobody_reads_what_it_prints() {
    let exit = run("sh -c 'seq 1 30; exit 3'", json!(null)).await.unwrap();
    assert_eq!(exit.code, Some(3));
    assert_eq!(exit.last_output, (11..=30).map(|number| number.to_string()).collect::<Vec<_>>());
}
