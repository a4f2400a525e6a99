//! Bounded load: some workers do numbered operations until a count or a time is reached.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::cpu::Meter;
use crate::failure::Failure;
use crate::http_client::Refusal;
use crate::report::Measurement;

/// How much load, and when it stops whatever the server does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Operations in flight at once.
    pub(crate) workers: u64,
    /// Operations in all.
    pub(crate) operations: u64,
    /// No operation starts later than this after the beginning.
    pub(crate) time_limit: Duration,
}

impl Load {
    /// Runs `operation` with the numbers 0, 1, 2, ... and measures it against the server process `server`.
    ///
    /// `units` is how many units of work one operation is worth (log lines of a batch): the measurement counts
    /// units. Latencies are those of whole operations that were done.
    pub(crate) async fn run<Operation, Running>(
        self,
        name: &str,
        server: u32,
        units: u64,
        operation: Operation,
    ) -> Result<Measurement, Failure>
    where
        Operation: Fn(u64) -> Running + Send + Sync + 'static,
        Running: Future<Output = Result<(), Refusal>> + Send,
    {
        let operation = Arc::new(operation);
        let next = Arc::new(AtomicU64::new(0));
        let meter = Meter::start(server);
        let deadline = Instant::now() + self.time_limit;

        let mut workers = JoinSet::new();
        for _ in 0..self.workers {
            let operation = Arc::clone(&operation);
            let next = Arc::clone(&next);
            workers.spawn(async move {
                let mut latencies = Vec::new();
                let mut errors: BTreeMap<Refusal, u64> = BTreeMap::new();
                while Instant::now() < deadline {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= self.operations {
                        break;
                    }
                    let started = Instant::now();
                    match operation(number).await {
                        Ok(()) => latencies.push(started.elapsed()),
                        Err(refusal) => *errors.entry(refusal).or_default() += 1,
                    }
                }
                (latencies, errors)
            });
        }

        let mut latencies = Vec::new();
        let mut errors: BTreeMap<Refusal, u64> = BTreeMap::new();
        while let Some(finished) = workers.join_next().await {
            let (worker_latencies, worker_errors) = finished?;
            latencies.extend(worker_latencies);
            for (label, count) in worker_errors {
                *errors.entry(label).or_default() += count;
            }
        }
        let spent = meter.read();
        let done = latencies.len() as u64;
        let mut measurement = Measurement::of_work(name, done * units, spent).with_latencies(latencies);
        measurement.errors = errors;
        Ok(measurement)
    }
}
