//! What services are told.

use std::sync::Arc;

use sluice_delivery::Deliverer;
use sluice_events::Events;
use sluice_notifications::Endpoints;
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
    /// How often workers, pools, queues and deployments are looked at.
    pub foreman_period: TimeDelta,
    /// How long a deployment or queue that nobody polls stays READY.
    pub last_polled_timeout: TimeDelta,
    /// A worker is offline after this many of its heartbeat intervals.
    pub worker_missed_heartbeats: i64,
    /// The heartbeat interval of a worker that does not say.
    pub worker_heartbeat_interval: TimeDelta,
    /// A CANCELLING run becomes CANCELLED after this time.
    pub cancelling_timeout: TimeDelta,
    /// How often a flow run sends a heartbeat, as long as its own interval is not known: the SDK's default.
    pub flow_run_heartbeat_interval: TimeDelta,
    /// A RUNNING flow run is a zombie after so many of its heartbeat intervals.
    pub flow_run_missed_heartbeats: i64,
    /// And not before this time without a heartbeat.
    pub zombie_runs_after: TimeDelta,
    /// Whether heartbeats are expected of every run, of those too that nothing was heard of.
    pub zombie_runs_unheard: bool,
    /// A PENDING run whose worker is gone is handed out again after this time, when no infrastructure was reported.
    pub stranded_runs_claim: TimeDelta,
    /// The same when infrastructure was reported: it may start without the worker.
    pub stranded_runs_infrastructure: TimeDelta,
    /// The same when the worker is there. None: never.
    pub stranded_runs_despite_worker: Option<TimeDelta>,
    /// How often a run is handed out again before it is marked as crashed.
    pub stranded_runs_hand_outs: i64,
    /// How long clients are told to wait at a full concurrency limit.
    pub slots: SlotSettings,
    /// How long events are kept.
    pub event_retention: TimeDelta,
    /// How long terminal runs are kept, with their logs and artifacts. None: for ever.
    pub run_retention: Option<TimeDelta>,
    /// How long incidents are kept that are resolved. None: for ever.
    pub incident_retention: Option<TimeDelta>,
    /// How many rows a clean-up deletes at once.
    pub retention_batch: i64,
    /// What opens the secrets of blocks. None: nothing does.
    pub secrets: Option<Arc<dyn KeySource>>,
    /// Where events come in. None: they are stored by somebody else.
    pub events: Option<Events>,
    /// Where people look at things: links in messages begin with it.
    pub ui_url: String,
    /// What brings messages out.
    pub deliverer: Arc<Deliverer>,
    /// Where the services live that messages go through; tests play them.
    pub endpoints: Endpoints,
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
            foreman_period: TimeDelta::from_secs(15),
            last_polled_timeout: TimeDelta::from_secs(60),
            worker_missed_heartbeats: 3,
            worker_heartbeat_interval: TimeDelta::from_secs(30),
            cancelling_timeout: TimeDelta::from_secs(300),
            flow_run_heartbeat_interval: TimeDelta::from_secs(180),
            flow_run_missed_heartbeats: 3,
            zombie_runs_after: TimeDelta::from_secs(90),
            zombie_runs_unheard: false,
            stranded_runs_claim: TimeDelta::from_secs(120),
            stranded_runs_infrastructure: TimeDelta::from_secs(600),
            stranded_runs_despite_worker: None,
            stranded_runs_hand_outs: 3,
            slots: SlotSettings::default(),
            event_retention: TimeDelta::from_secs(7 * 86_400),
            run_retention: None,
            incident_retention: None,
            retention_batch: 1_000,
            secrets: None,
            events: None,
            ui_url: String::new(),
            deliverer: Arc::default(),
            endpoints: Endpoints::default(),
        }
    }
}
