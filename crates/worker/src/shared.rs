//! What the parts of a worker share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use sluice_client::Client;
use sluice_clock::{Clock, SystemClock};
use sluice_wire::ids::FlowRunId;
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::WorkPool;
use tokio::sync::{Notify, watch};

use crate::launchers::{Launcher, StopCause};
use crate::options::WorkerOptions;
use crate::run_logs::RunLogs;
use crate::worker_events::Events;

/// What the parts of a worker share.
pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) options: WorkerOptions,
    pub(crate) launcher: Arc<dyn Launcher>,
    pub(crate) events: Events,
    pub(crate) logs: RunLogs,
    /// Raised when a run may be due, or may be had.
    pub(crate) wake: Notify,
    /// Whether the server says over the channel when a run is due; `None` until it has answered.
    pub(crate) is_told: watch::Sender<Option<bool>>,
    pool: RwLock<WorkPool>,
    in_flight: Mutex<HashMap<FlowRunId, InFlight>>,
    last_polled: Mutex<Instant>,
}

/// A run that this worker has taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct InFlight {
    /// Its infrastructure, once there is some.
    pub(crate) identifier: Option<String>,
    /// Why it is to be stopped, if it is.
    pub(crate) stopping: Option<StopCause>,
}

impl Shared {
    pub(crate) fn new(
        client: Client,
        options: WorkerOptions,
        launcher: Arc<dyn Launcher>,
        pool: WorkPool,
        events: Events,
        logs: RunLogs,
    ) -> Self {
        Self {
            client,
            options,
            launcher,
            events,
            logs,
            wake: Notify::new(),
            is_told: watch::channel(None).0,
            pool: RwLock::new(pool),
            in_flight: Mutex::default(),
            last_polled: Mutex::new(Instant::now()),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    /// The pool, as it was last heard of.
    pub(crate) fn pool(&self) -> WorkPool {
        self.pool.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_pool(&self, pool: WorkPool) {
        *self.pool.write().unwrap_or_else(PoisonError::into_inner) = pool;
    }

    pub(crate) fn in_flight(&self) -> MutexGuard<'_, HashMap<FlowRunId, InFlight>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many more runs may be had at once; `None` where there is no limit. Runs of an earlier worker count, and may be
    /// more than the limit.
    pub(crate) fn free_slots(&self) -> Option<usize> {
        let limit = self.options.limit?;
        Some(limit.get().saturating_sub(self.in_flight().len()))
    }

    /// A run is seen through: its place is free for another.
    pub(crate) fn release(&self, id: FlowRunId) {
        self.in_flight().remove(&id);
        self.wake.notify_one();
    }

    pub(crate) fn note_poll(&self) {
        *self.last_polled.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Whether it has asked for runs within thirty times the interval, as the reference counts it.
    pub(crate) fn is_polling(&self) -> bool {
        let last = *self.last_polled.lock().unwrap_or_else(PoisonError::into_inner);
        last.elapsed() <= self.options.poll_interval * 30
    }
}
