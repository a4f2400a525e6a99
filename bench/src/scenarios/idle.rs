//! `idle`: the CPU that a server burns while nobody talks to it, without schedules and with many.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::prepare;
use crate::cpu::Meter;
use crate::failure::Failure;
use crate::http_client::HttpClient;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

/// Schedules of one deployment.
const SCHEDULES_EACH: u64 = 100;

/// Scheduled runs that a scheduler keeps ahead for a schedule that is due once a day.
const RUNS_AHEAD: u64 = 3;

/// How long the number of runs must stand still before the scheduler counts as done.
const STILL_FOR: Duration = Duration::from_secs(20);

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let flow = prepare::flow(&client).await?;
    let empty = watch(server, workload.rest, "no schedules").await;

    let created = create_schedules(&client, &flow, workload).await?;
    let settled = settle(&client, created, workload.settle).await;
    let busy = watch(server, workload.rest, "many schedules").await;
    Ok(vec![
        empty,
        busy.with_note(format!("{created} of {} schedules", workload.schedules)).with_note(settled),
    ])
}

/// Creates deployments with the schedules and returns how many schedules there are. The reference refuses
/// deployments while its scheduler works on the earlier ones: they are tried again until `settle` is over.
async fn create_schedules(client: &HttpClient, flow: &str, workload: &Workload) -> Result<u64, Failure> {
    let started = Instant::now();
    let mut created = 0;
    while created < workload.schedules {
        let count = SCHEDULES_EACH.min(workload.schedules - created);
        let schedules: Vec<Value> = (created..created + count).map(schedule).collect();
        let deployment =
            json!({ "name": format!("bench-{created}"), "flow_id": flow, "schedules": schedules });
        match client.post("/deployments/", &deployment).await {
            Ok(_) => created += count,
            Err(Failure::UnexpectedStatus { status: 429 | 502 | 503, .. } | Failure::Http(_)) => {
                if started.elapsed() > workload.settle {
                    break;
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(created)
}

/// The share of one core that the server uses while it is left alone.
async fn watch(server: &Server, rest: Duration, part: &str) -> Measurement {
    let meter = Meter::start(server.process_id());
    tokio::time::sleep(rest).await;
    let spent = meter.read();
    let percent = 100.0 * spent.server_cpu.as_secs_f64() / spent.wall.as_secs_f64();
    Measurement::of_value(part, percent, "% of a core")
}

/// Waits until the scheduler has created what is due ahead, and says how far it got.
async fn settle(client: &HttpClient, schedules: u64, longest: Duration) -> String {
    let started = Instant::now();
    let mut last_change = Instant::now();
    let mut runs = 0;
    while started.elapsed() < longest {
        // A server that is too busy to answer has not settled.
        if let Ok(now) = client.count("/flow_runs/count", &json!({})).await
            && now != runs
        {
            runs = now;
            last_change = Instant::now();
        }
        if runs >= schedules * RUNS_AHEAD && last_change.elapsed() > STILL_FOR {
            let seconds = (last_change - started).as_secs();
            return format!("{runs} runs scheduled ahead, the last {seconds} s after the schedules");
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    format!(
        "still scheduling after {} s: {runs} of at least {} runs",
        longest.as_secs(),
        schedules * RUNS_AHEAD
    )
}

/// A schedule that is due once a day, of each kind in turn, at times spread over the day.
fn schedule(number: u64) -> Value {
    let (hour, minute) = (number / 60 % 24, number % 60);
    let schedule = match number % 3 {
        0 => json!({ "cron": format!("{minute} {hour} * * *"), "timezone": "Europe/Paris" }),
        1 => json!({
            "interval": 86400,
            "anchor_date": format!("2024-01-01T{hour:02}:{minute:02}:00Z"),
            "timezone": "UTC",
        }),
        _ => json!({
            "rrule": format!("DTSTART:20240101T000000\nRRULE:FREQ=DAILY;BYHOUR={hour};BYMINUTE={minute};BYSECOND=0"),
            "timezone": "America/New_York",
        }),
    };
    json!({ "schedule": schedule, "active": true })
}
