//! `reads`: what a user interface asks for, over many stored flow runs: half of them completed, a quarter
//! failed, a quarter scheduled over the coming week.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::prepare;
use crate::failure::Failure;
use crate::http_client::HttpClient;
use crate::load::Load;
use crate::report::{Figure, Measurement};
use crate::servers::{Server, ServerKind};
use crate::workload::Workload;

/// Runs that are created over HTTP in any case; the reference's are multiplied in its database.
const TEMPLATES: u64 = 40;

/// Creating requests in flight at once; the reference takes no more than one without refusing some.
const SEEDERS: u64 = 16;

const WEEK_SECONDS: i64 = 7 * 24 * 3600;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let seeding = Instant::now();
    let flow = prepare::flow(&client).await?;
    match server.kind() {
        ServerKind::Sluice => create(server, &flow, workload.stored_flow_runs, SEEDERS).await?,
        ServerKind::Reference => {
            create(server, &flow, TEMPLATES, 1).await?;
            server.stop().await?;
            server.seed_reference(workload.stored_flow_runs.saturating_sub(TEMPLATES)).await?;
            server.start_again().await?;
        }
    }
    let stored = client.count("/flow_runs/count", &json!({})).await?;
    let stored = format!("{stored} runs stored, seeded in {:.0} s", seeding.elapsed().as_secs_f64());

    let now = Timestamp::now();
    let newest = json!({ "sort": "EXPECTED_START_TIME_DESC", "limit": 200, "offset": 0 });
    let failed = json!({ "state": { "type": { "any_": ["FAILED"] } } });
    let filtered = json!({ "flow_runs": failed, "sort": "START_TIME_DESC", "limit": 200, "offset": 0 });
    let deep = json!({ "sort": "ID_DESC", "limit": 200, "offset": workload.stored_flow_runs / 2 });
    let history = json!({
        "history_start": (now - SignedDuration::from_hours(1)).to_string(),
        "history_end": (now + SignedDuration::from_secs(WEEK_SECONDS)).to_string(),
        "history_interval_seconds": 4 * 3600,
    });
    let requests = [
        ("newest 200", "/flow_runs/filter", &newest, false),
        ("newest 200, gzip", "/flow_runs/filter", &newest, true),
        ("200 failed", "/flow_runs/filter", &filtered, false),
        ("200 from the middle", "/flow_runs/filter", &deep, false),
        ("count of all", "/flow_runs/count", &json!({}), false),
        ("count of failed", "/flow_runs/count", &json!({ "flow_runs": failed }), false),
        ("history of a week", "/flow_runs/history", &history, false),
    ];
    let mut measurements = Vec::new();
    for (name, path, body, gzip) in requests {
        measurements.push(read(server, workload, &client, name, path, body, gzip).await?);
    }
    if let Some(first) = measurements.first_mut() {
        first.notes.push(stored);
    }
    Ok(measurements)
}

async fn read(
    server: &Server,
    workload: &Workload,
    client: &HttpClient,
    name: &str,
    path: &'static str,
    body: &Value,
    gzip: bool,
) -> Result<Measurement, Failure> {
    let (client, body) = (client.clone(), body.to_string());
    let request = move |_| {
        let (client, body) = (client.clone(), body.clone());
        async move {
            let answer = if gzip {
                client.measured_post_gzip(path, body).await
            } else {
                client.measured_post(path, body).await
            };
            answer.map(drop)
        }
    };
    let time_limit = workload.time_limit / 2;
    let warm_up = Load { workers: 1, operations: 3, time_limit };
    warm_up.run("warm-up", server.process_id(), 1, request.clone()).await?;
    let load = Load { workers: 1, operations: workload.reads, time_limit };
    load.run(name, server.process_id(), 1, request).await
}

/// Creates `count` flow runs over HTTP; one that is refused for good is a failure.
async fn create(server: &Server, flow: &str, count: u64, seeders: u64) -> Result<(), Failure> {
    let client = server.client().clone();
    let flow = flow.to_owned();
    let created_at = Timestamp::now();
    let create = move |number: u64| {
        let (client, body) = (client.clone(), flow_run(&flow, created_at, number));
        async move { client.post("/flow_runs/", &body).await.map(drop).map_err(|failure| failure.to_string()) }
    };
    // Preparation has no use for a time limit: it ends with the count, and each request with its own.
    let time_limit = Duration::from_secs(3600);
    let load = Load { workers: seeders, operations: count, time_limit };
    let seeded = load.run("seeding", server.process_id(), 1, create).await?;
    match seeded.figure {
        Figure::Work { done, .. } if done == count => Ok(()),
        _ => Err(Failure::Seeding(format!("not every flow run was created: {:?}", seeded.errors))),
    }
}

fn flow_run(flow: &str, now: Timestamp, number: u64) -> Value {
    let state = match number % 4 {
        0 | 1 => json!({ "type": "COMPLETED", "name": "Completed" }),
        2 => json!({ "type": "FAILED", "name": "Failed", "message": "it did not work" }),
        _ => {
            // Spread over the week without a pattern that an index could profit from.
            let offset = (number.wrapping_mul(2_654_435_761) % WEEK_SECONDS as u64) as i64;
            let due = now + SignedDuration::from_secs(offset + 60);
            json!({
                "type": "SCHEDULED",
                "name": "Scheduled",
                "state_details": { "scheduled_time": due.to_string() },
            })
        }
    };
    json!({
        "flow_id": flow,
        "name": format!("run-{number}"),
        "parameters": { "number": 1, "text": "a parameter" },
        "tags": ["bench"],
        "state": state,
    })
}
