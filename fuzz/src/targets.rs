//! What reads the texts of clients.

mod automations;
mod block_documents;
mod cron;
mod event_frames;
mod filters;
mod job_templates;
mod rrule;
mod templates;

use std::sync::LazyLock;

use sluice_schedules::upcoming;
use sluice_wire::schedules::Schedule;
use sluice_wire::time::Timestamp;

/// One reader.
#[derive(Debug)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Inputs that it takes.
    pub seeds: &'static [&'static str],
    /// Pieces that mean something to it.
    pub words: &'static [&'static str],
    /// Reads the text. May refuse it, must not panic.
    pub run: fn(&str),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    filters::TARGET,
    event_frames::TARGET,
    automations::TARGET,
    cron::TARGET,
    rrule::TARGET,
    templates::TARGET,
    job_templates::TARGET,
    block_documents::TARGET,
];

/// A runtime for targets that are asynchronous.
#[expect(clippy::expect_used, reason = "a fuzzer without threads cannot go on")]
static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Runtime::new().expect("threads start"));

/// Walks the first dates of a schedule from two starts.
fn walk(schedule: Schedule) {
    const DATES: usize = 30;
    let now = Timestamp::from_micros(1_780_000_000_000_000);
    let Ok(schedule) = sluice_schedules::complete(schedule, now) else { return };
    for start in [now, Timestamp::from_micros(0)] {
        let Ok(dates) = upcoming(&schedule, start) else { continue };
        let dates: Vec<Timestamp> = dates.take(DATES).collect();
        assert!(dates.is_sorted(), "the dates of {schedule:?} are out of order");
        assert!(dates.iter().all(|date| *date >= start), "a date of {schedule:?} lies before the start");
    }
}
