//! `memory`: what a server keeps resident when it has just started, and after a burst of events.

use std::time::Duration;

use super::events_websocket::burst;
use crate::cpu::tree_memory;
use crate::failure::Failure;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

/// How long a server may tidy up before its memory is read.
const REST: Duration = Duration::from_secs(5);

const MEBIBYTE: f64 = 1024.0 * 1024.0;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    tokio::time::sleep(REST).await;
    let (at_rest, _) = tree_memory(server.process_id());

    let sent = burst(server, workload).await?;
    tokio::time::sleep(REST).await;
    let (after, highest) = tree_memory(server.process_id());

    let value = |part, bytes: u64| Measurement::of_value(part, bytes as f64 / MEBIBYTE, "MiB");
    let mut after = value("after a burst", after);
    after.notes = sent.notes;
    if let Some(lost) = sent.lost.filter(|lost| *lost > 0) {
        after.notes.push(format!("{lost} events of the burst were lost"));
    }
    Ok(vec![value("at rest", at_rest), after, value("highest", highest)])
}
