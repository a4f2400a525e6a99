//! `automations`: a flood of events beside a thousand automations, of which a known few fire. Figures are for one event of
//! the flood, and for one firing: from sending the event that makes an automation fire until the event that says that its
//! action was executed comes out of `/events/out`. Lost are events that were confirmed and never show up, and firings that
//! never came; what fired more often than it should is an error.

mod firings;
mod mix;

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use self::firings::{Expected, Watch};
use self::mix::Cause;
use super::prepare;
use crate::cpu::Meter;
use crate::drain::drain;
use crate::event_stream::EventStream;
use crate::failure::Failure;
use crate::http_client::HttpClient;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

/// Connections that the flood comes over.
const CLIENTS: u64 = 4;
/// How often a connection sends what is due.
const TICK: Duration = Duration::from_millis(20);
/// How long a server has to notice new automations.
const NOTICE: Duration = Duration::from_secs(5);
/// How long the flood goes on before the first round and after the last.
const MARGIN: Duration = Duration::from_secs(1);

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let mut causes = Vec::new();
    for number in 0..workload.automations {
        let (body, cause) = mix::automation(number);
        let id = client.create("/automations/", &body).await?;
        causes.extend(cause.map(|cause| (id, cause)));
    }
    tokio::time::sleep(NOTICE).await;
    let watch = Watch::start(&client).await?;

    let meter = Meter::start(server.process_id());
    let started = Instant::now();
    let duration = MARGIN * 2 + Duration::from_secs(workload.firing_rounds);
    let mut flood = JoinSet::new();
    for number in 0..CLIENTS {
        let pace = Pace { started, duration, rate: workload.events_per_second.div_ceil(CLIENTS) };
        flood.spawn(pour(client.clone(), number, pace));
    }
    tokio::time::sleep(MARGIN).await;
    let (expected, tripping) = trip(&client, &causes, workload.firing_rounds).await?;
    let mut confirmed = tripping;
    let mut latest = Duration::ZERO;
    while let Some(poured) = flood.join_next().await {
        let poured = poured??;
        confirmed += poured.confirmed;
        latest = latest.max(poured.ended.duration_since(started));
    }

    let drained = drain(&meter, confirmed, || prepare::stored_events(&client)).await?;
    let rate = confirmed as f64 / latest.as_secs_f64();
    let share = drained.spent.server_cpu.as_secs_f64() / drained.spent.wall.as_secs_f64();
    let events = Measurement::of_work("event, beside automations", drained.count, drained.spent)
        .with_lost(confirmed.saturating_sub(drained.count))
        .with_note(format!(
            "{} automations; {} events/s asked for, {rate:.0} events/s confirmed over {:.1} s; {share:.2} cores",
            workload.automations,
            workload.events_per_second,
            latest.as_secs_f64(),
        ));
    let mut measurements = vec![events];
    measurements.extend(watch.finish(&client, expected).await?);
    Ok(measurements)
}

/// How fast and how long one connection sends.
#[derive(Debug, Clone, Copy)]
struct Pace {
    started: Instant,
    duration: Duration,
    rate: u64,
}

/// What one connection sent.
#[derive(Debug)]
struct Poured {
    confirmed: u64,
    ended: Instant,
}

/// Sends at the pace as long as the server takes it; never faster, so that it is not a burst.
async fn pour(client: HttpClient, number: u64, pace: Pace) -> Result<Poured, Failure> {
    let mut stream = EventStream::connect(&client).await?;
    let mut sent = 0;
    while pace.started.elapsed() < pace.duration {
        let due = (pace.started.elapsed().as_secs_f64() * pace.rate as f64) as u64;
        while sent < due && pace.started.elapsed() < pace.duration {
            stream.send(prepare::event(sent * CLIENTS + number)).await?;
            sent += 1;
        }
        tokio::time::sleep(TICK).await;
    }
    stream.confirm().await?;
    let poured = Poured { confirmed: stream.confirmed, ended: Instant::now() };
    stream.close().await;
    Ok(poured)
}

/// Sends, once a second and spread over the second, the events that make automations fire. Returns what has to come of it,
/// and how many events these were.
async fn trip(
    client: &HttpClient,
    causes: &[(String, Cause)],
    rounds: u64,
) -> Result<(Vec<Expected>, u64), Failure> {
    let mut stream = EventStream::connect(client).await?;
    let mut expected = Vec::new();
    let pause = Duration::from_secs(1) / u32::try_from(causes.len().max(1)).unwrap_or(u32::MAX);
    let started = tokio::time::Instant::now();
    let mut turn = 0;
    for round in 0..rounds {
        // A trigger that counted to its threshold fires once in its window, for each resource.
        let resource = format!("{}{round}", mix::RESOURCES);
        for (automation, cause) in causes {
            tokio::time::sleep_until(started + pause * turn).await;
            turn += 1;
            if round > 0 && !cause.is_repeatable {
                continue;
            }
            let mut last = None;
            for name in &cause.events {
                let (id, event) = prepare::named_event(name, &resource);
                stream.send(event).await?;
                last = Some(id);
            }
            expected.push(Expected {
                automation: automation.clone(),
                event: last.filter(|_| cause.after_seconds == 0),
                due: Instant::now() + Duration::from_secs(cause.after_seconds),
            });
        }
    }
    stream.confirm().await?;
    let confirmed = stream.confirmed;
    stream.close().await;
    Ok((expected, confirmed))
}
