//! What services are told.

use std::sync::Arc;

use sluice_orchestration::slots::SlotSettings;
use sluice_secrets::KeySource;
use sluice_wire::time::TimeDelta;

/// The settings of all services. The defaults are those of the reference.
#[derive(Debug, Clone)]
pub struct ServiceSettings {
    /// Services with these names are not run.
    pub disabled: Vec<String>,
    /// How often schedules are looked at when nothing wakes the scheduler.
    pub scheduler_period: TimeDelta,
    /// Runs are made at least this many ahead.
    pub scheduler_min_runs: usize,
    /// Runs are made at most this many ahead.
    pub scheduler_max_runs: usize,
    /// Runs are made at least this far ahead.
    pub scheduler_min_scheduled_time: TimeDelta,
    /// Runs are made at most this far ahead.
    pub scheduler_max_scheduled_time: TimeDelta,
    /// A scheduled run is late this long after its time.
    pub late_runs_after: TimeDelta,
    /// How long a deployment or queue that nobody polls stays READY.
    pub last_polled_timeout: TimeDelta,
    /// A worker is offline after this many of its heartbeat intervals.
    pub worker_missed_heartbeats: i64,
    /// The heartbeat interval of a worker that does not say.
    pub worker_heartbeat_interval: TimeDelta,
    /// A CANCELLING run becomes CANCELLED after this time.
    pub cancelling_timeout: TimeDelta,
    /// How long clients are told to wait at a full concurrency limit.
    pub slots: SlotSettings,
    /// How long events are kept.
    pub event_retention: TimeDelta,
    /// How long terminal runs are kept, with their logs and artifacts. None: for ever.
    pub run_retention: Option<TimeDelta>,
    /// How many rows a clean-up deletes at once.
    pub retention_batch: i64,
    /// What opens the secrets of blocks. None: nothing does.
    pub secrets: Option<Arc<dyn KeySource>>,
    /// Where people look at things: links in messages begin with it.
    pub ui_url: String,
}

impl Default for ServiceSettings {
    fn default() -> Self {
        Self {
            disabled: Vec::new(),
            scheduler_period: TimeDelta::from_secs(60),
            scheduler_min_runs: 3,
            scheduler_max_runs: 100,
            scheduler_min_scheduled_time: TimeDelta::from_secs(3_600),
            scheduler_max_scheduled_time: TimeDelta::from_secs(100 * 86_400),
            late_runs_after: TimeDelta::from_secs(15),
            last_polled_timeout: TimeDelta::from_secs(60),
            worker_missed_heartbeats: 3,
            worker_heartbeat_interval: TimeDelta::from_secs(30),
            cancelling_timeout: TimeDelta::from_secs(300),
            slots: SlotSettings::default(),
            event_retention: TimeDelta::from_secs(7 * 86_400),
            run_retention: None,
            retention_batch: 1_000,
            secrets: None,
            ui_url: String::new(),
        }
    }
}
