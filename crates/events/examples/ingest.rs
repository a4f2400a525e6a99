//! How many events a second are stored: `cargo run --release -p sluice-events --example ingest [events] [url]`.
//!
//! The events are reports of task runs as clients send them: the most frequent kind, and the one that costs most,
//! because each also changes a task run in the main database. `plain` as third argument sends others.

use std::sync::Arc;
use std::time::Instant;

use sluice_clock::SystemClock;
use sluice_events::Events;
use sluice_store::{DatabaseUrl, Store, StoreOptions};
use sluice_wire::ids::WorkspaceId;
use uuid::Uuid;

const PRODUCERS: usize = 4;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let events: usize = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let directory = tempfile::tempdir()?;
    let url = match arguments.next() {
        Some(url) => url.parse()?,
        None => DatabaseUrl::Sqlite(directory.path().join("ingest.db")),
    };
    let kind = arguments.next();
    let is_plain = kind.as_deref() == Some("plain");
    let store = Store::open(&url, StoreOptions::default()).await?;
    store.migrate().await?;
    let clock: sluice_clock::SharedClock = Arc::new(SystemClock);
    let ingest = Events::start(&store, &clock);

    let frames: Vec<Vec<String>> = (0..PRODUCERS).map(|_| frames(events / PRODUCERS, is_plain)).collect();
    let bytes: usize = frames.iter().flatten().map(String::len).sum();
    let (started, cpu_before) = (Instant::now(), cpu_seconds());
    let producers: Vec<_> = frames
        .into_iter()
        .map(|frames| {
            let ingest = ingest.clone();
            tokio::spawn(async move {
                for frame in frames {
                    ingest.accept_text(WorkspaceId::DEFAULT, &frame).await?;
                }
                ingest.settle().await
            })
        })
        .collect();
    for producer in producers {
        producer.await??;
    }
    let seconds = started.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - cpu_before;
    println!(
        "{events} events of {} bytes in {seconds:.2} s: {:.0} a second; {:.1} us of CPU each",
        bytes / events.max(1),
        events as f64 / seconds,
        cpu * 1e6 / events as f64
    );
    ingest.stop().await;
    Ok(())
}

/// What the process has used of the CPU, on Linux; elsewhere 0.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    // User and system time are the 14th and 15th field, in hundredths of a second.
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>()
        / 100.0
}

/// Three states of each task run, in runs of a hundred.
fn frames(count: usize, is_plain: bool) -> Vec<String> {
    let (flow, mut flow_run, mut task_run) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::now_v7());
    (0..count)
        .map(|number| {
            if number % 300 == 0 {
                flow_run = Uuid::new_v4();
            }
            let (state, name) = [("PENDING", "Pending"), ("RUNNING", "Running"), ("COMPLETED", "Completed")][number % 3];
            if number % 3 == 0 {
                task_run = Uuid::now_v7();
            }
            let orchestration = if is_plain { "server" } else { "client" };
            serde_json::json!({
                "occurred": format!("2026-11-22T08:{:02}:{:02}.{:06}Z", number / 60_000 % 60, number / 1_000 % 60, number),
                "event": format!("prefect.task-run.{name}"),
                "resource": {
                    "prefect.resource.id": format!("prefect.task-run.{task_run}"),
                    "prefect.resource.name": format!("extract-{number}"), "prefect.run-count": "1",
                    "prefect.state-message": "", "prefect.state-type": state, "prefect.state-name": name,
                    "prefect.state-timestamp": "2026-11-22T08:00:00.000000+00:00",
                    "prefect.orchestration": orchestration,
                },
                "related": [
                    {"prefect.resource.id": format!("prefect.flow-run.{flow_run}"),
                     "prefect.resource.role": "flow-run", "prefect.resource.name": "amber-otter"},
                    {"prefect.resource.id": format!("prefect.flow.{flow}"),
                     "prefect.resource.role": "flow", "prefect.resource.name": "etl"},
                    {"prefect.resource.id": "prefect.tag.production", "prefect.resource.role": "tag"},
                ],
                "payload": {
                    "intended": {"from": "PENDING", "to": state},
                    "initial_state": {"type": "PENDING", "name": "Pending", "message": "", "state_details": {}},
                    "validated_state": {"type": state, "name": name, "message": "", "data": null, "state_details": {
                        "pause_reschedule": false, "untrackable_result": false}},
                    "task_run": {
                        "name": format!("extract-{number}"), "task_key": "extract-0a1b2c3d",
                        "dynamic_key": (number / 3).to_string(), "tags": ["production"], "labels": {},
                        "empirical_policy": {"max_retries": 0, "retry_delay_seconds": 0.0, "retries": 0,
                            "retry_delay": 0, "retry_jitter_factor": null},
                        "task_inputs": {"x": []}, "run_count": 1, "flow_run_run_count": 1, "total_run_time": 0.0,
                        "expected_start_time": "2026-11-22T08:00:00Z", "start_time": null, "end_time": null,
                        "next_scheduled_start_time": null, "cache_key": null, "cache_expiration": null,
                        "task_version": null,
                    },
                },
                "follows": null,
                "id": Uuid::now_v7(),
            })
            .to_string()
        })
        .collect()
}
