//! `events-websocket`: a burst of events from one client over one WebSocket; figures are for one event and
//! include the time until every confirmed event can be queried. Lost is what was confirmed and never shows up.

use super::prepare;
use crate::cpu::Meter;
use crate::drain::drain;
use crate::event_stream::EventStream;
use crate::failure::Failure;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    Ok(vec![burst(server, workload).await?])
}

/// Sends the burst and waits for it.
pub(super) async fn burst(server: &Server, workload: &Workload) -> Result<Measurement, Failure> {
    let client = server.client().clone();
    let mut stream = EventStream::connect(&client).await?;
    let meter = Meter::start(server.process_id());
    for number in 0..workload.burst_events {
        stream.send(prepare::event(number)).await?;
    }
    stream.confirm().await?;
    let accepted_after = meter.read().wall.as_secs_f64();
    let (confirmed, reconnections) = (stream.confirmed, stream.reconnections);
    stream.close().await;

    let drained = drain(&meter, confirmed, || prepare::stored_events(&client)).await?;
    let measurement = Measurement::of_work("event of a burst", drained.count, drained.spent)
        .with_lost(confirmed.saturating_sub(drained.count))
        .with_note(format!("{confirmed} events confirmed in {accepted_after:.2} s"));
    Ok(match reconnections {
        0 => measurement,
        _ => measurement.with_note(format!("the connection was lost {reconnections} times")),
    })
}
