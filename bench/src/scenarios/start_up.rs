//! `start-up`: from starting the process to the first healthy answer, on a database that exists already.

use super::prepare;
use crate::cpu::tree_memory;
use crate::failure::Failure;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

/// Lifecycles stored before the first restart, so that the database is not empty.
const STORED: u64 = 20;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let flow = prepare::flow(&client).await?;
    for _ in 0..STORED {
        // Whether each one is accepted does not matter here: the database is used.
        prepare::lifecycle(&client, &flow).await.ok();
    }

    let mut times = Vec::new();
    let mut resident = 0;
    for _ in 0..workload.restarts {
        server.stop().await?;
        times.push(server.start_again().await?);
        resident = tree_memory(server.process_id()).0;
    }
    let mean = times.iter().sum::<std::time::Duration>().as_secs_f64() / times.len().max(1) as f64;
    let note = format!("mean of {}, {} MiB resident when healthy", times.len(), resident / (1024 * 1024));
    Ok(vec![
        Measurement::of_value("to the first 200", mean * 1000.0, "ms").with_latencies(times).with_note(note),
    ])
}
