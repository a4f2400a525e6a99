//! `events-http`: `POST /events` with batches; figures are for one event and include the time until every
//! accepted event can be queried.

use super::prepare;
use crate::cpu::Meter;
use crate::drain::drain;
use crate::failure::Failure;
use crate::load::Load;
use crate::report::{Figure, Measurement};
use crate::servers::Server;
use crate::workload::Workload;

/// Events of one request.
const BATCH: u64 = 100;

/// Requests in flight at once.
const CLIENTS: u64 = 4;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let meter = Meter::start(server.process_id());
    let load = Load { workers: CLIENTS, operations: workload.event_batches, time_limit: workload.time_limit };
    let sender = client.clone();
    let send = move |batch| {
        let client = sender.clone();
        let events: Vec<String> = (batch * BATCH..(batch + 1) * BATCH).map(prepare::event).collect();
        let body = format!("[{}]", events.join(","));
        async move { client.measured_post("/events", body).await.map(drop) }
    };
    let mut measurement = load.run("event, in batches of 100", server.process_id(), BATCH, send).await?;
    let Figure::Work { done: accepted, spent } = measurement.figure else { return Ok(vec![measurement]) };

    let drained = drain(&meter, accepted, || prepare::stored_events(&client)).await?;
    measurement.figure = Figure::Work { done: drained.count, spent: drained.spent };
    let accepting = spent.wall.as_secs_f64();
    Ok(vec![
        measurement
            .with_lost(accepted.saturating_sub(drained.count))
            .with_note(format!("{accepted} events accepted in {accepting:.2} s")),
    ])
}
