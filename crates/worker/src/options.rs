//! What a worker is told at its start.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use serde_json::Value;

/// What a worker is told at its start.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// The pool that it serves.
    pub pool: String,
    /// Its name.
    pub name: String,
    /// The queues that it serves; none means all of the pool.
    pub queues: Vec<String>,
    /// How many runs it has at once.
    pub limit: Option<NonZeroUsize>,
    /// How long before its time a run is taken.
    pub prefetch: Duration,
    /// How often it asks for runs, whether it hears of any or not.
    pub poll_interval: Duration,
    /// How often it says that it lives.
    pub heartbeat_interval: Duration,
    /// How often it looks for runs that were cancelled, whether it hears of any or not.
    pub cancellation_poll_interval: Duration,
    /// How long runs may go on when the worker is told to stop.
    pub shutdown_grace: Duration,
    /// What happens to runs that are under way when that time is over.
    pub at_shutdown: AtShutdown,
    /// How long a run may go on, unless its job says it; without one, for ever.
    pub time_limit: Option<Duration>,
    /// Takes what is due once, lets it finish, and ends.
    pub run_once: bool,
    /// Where `/health` is served, if it is.
    pub health: Option<SocketAddr>,
    /// Whether a pool that does not exist is created.
    pub create_pool: bool,
    /// The job template of a pool that is created; by default the server's for the type.
    pub base_job_template: Option<Value>,
    /// Settings of Prefect that every run gets: how it reaches the server above all.
    pub run_environment: BTreeMap<String, String>,
}

/// What happens to runs that are under way when a worker has waited long enough to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtShutdown {
    /// They are ended, and say that they crashed.
    Crash,
    /// They are ended, and another worker may start them anew.
    HandBack,
}
