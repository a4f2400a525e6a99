//! How much of everything a scenario does.

use std::time::Duration;

use crate::servers::ServerKind;

/// Counts and limits of all scenarios for one server.
///
/// The reference gets smaller counts where it is orders of magnitude slower, so that a run ends: figures are
/// compared per operation. What decides the cost of one operation (rows stored, runs waiting, schedules,
/// events of a burst) is the same for both.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    pub(crate) time_limit: Duration,
    pub(crate) warm_up: u64,
    pub(crate) created_runs: u64,
    pub(crate) lifecycles: u64,
    pub(crate) lifecycles_of_writers: u64,
    pub(crate) filled_runs: u64,
    pub(crate) log_batches: u64,
    pub(crate) event_batches: u64,
    pub(crate) polls: u64,
    pub(crate) reads: u64,
    pub(crate) restarts: u64,
    pub(crate) stored_flow_runs: u64,
    pub(crate) burst_events: u64,
    pub(crate) task_runs: u64,
    pub(crate) due_runs: u64,
    pub(crate) schedules: u64,
    pub(crate) rest: Duration,
    pub(crate) settle: Duration,
    pub(crate) automations: u64,
    pub(crate) events_per_second: u64,
    /// How often the events come that make automations fire: once a second.
    pub(crate) firing_rounds: u64,
}

impl Workload {
    /// The defaults; the command line replaces the sizes.
    pub(crate) fn for_server(kind: ServerKind) -> Self {
        let common = Self {
            time_limit: Duration::from_secs(30),
            warm_up: 5,
            created_runs: 400,
            lifecycles: 120,
            lifecycles_of_writers: 200,
            filled_runs: 1_000,
            log_batches: 60,
            event_batches: 100,
            polls: 50,
            reads: 40,
            restarts: 3,
            stored_flow_runs: 200_000,
            burst_events: 40_000,
            task_runs: 10_000,
            due_runs: 10_000,
            schedules: 10_000,
            rest: Duration::from_secs(60),
            settle: Duration::from_secs(300),
            automations: 1_000,
            // Far from what Sluice gets: each event is held against each trigger, which takes the reference long.
            events_per_second: 20,
            firing_rounds: 1,
        };
        match kind {
            ServerKind::Reference => common,
            ServerKind::Sluice => Self {
                warm_up: 50,
                created_runs: 20_000,
                lifecycles: 4_000,
                lifecycles_of_writers: 20_000,
                filled_runs: 100_000,
                log_batches: 1_000,
                event_batches: 1_000,
                polls: 1_000,
                reads: 2_000,
                restarts: 10,
                events_per_second: 20_000,
                firing_rounds: 15,
                ..common
            },
        }
    }

    /// The same with a tenth of every count.
    pub(crate) fn tenth(self) -> Self {
        let tenth = |count: u64| (count / 10).max(1);
        Self {
            created_runs: tenth(self.created_runs),
            lifecycles: tenth(self.lifecycles),
            lifecycles_of_writers: tenth(self.lifecycles_of_writers),
            filled_runs: tenth(self.filled_runs),
            log_batches: tenth(self.log_batches),
            event_batches: tenth(self.event_batches),
            polls: tenth(self.polls),
            reads: tenth(self.reads),
            restarts: tenth(self.restarts),
            stored_flow_runs: tenth(self.stored_flow_runs),
            burst_events: tenth(self.burst_events),
            task_runs: tenth(self.task_runs),
            due_runs: tenth(self.due_runs),
            schedules: tenth(self.schedules),
            rest: self.rest / 6,
            settle: self.settle / 6,
            automations: tenth(self.automations),
            events_per_second: tenth(self.events_per_second),
            firing_rounds: tenth(self.firing_rounds),
            ..self
        }
    }
}
