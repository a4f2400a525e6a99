//! What starts, watches and stops the infrastructure of a run: a process, a container. One launcher a file.
//!
//! The worker's core knows no more of it than stands here: it renders the job, hands it to the launcher, waits for its
//! end, and asks for it to be stopped. Everything that a launcher needs to find a job again after a crash of the worker
//! is in the job's identifier or in labels on the infrastructure itself.

pub mod docker;
pub mod process;
mod sizes;

pub use sizes::memory_size;

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::{Map, Value};
use sluice_wire::ids::FlowRunId;

/// One run, ready to be started: the job template of its pool, rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The run.
    pub flow_run: FlowRunId,
    /// The name of the run, for names that people read.
    pub flow_run_name: String,
    /// What is started: words of a command line, or a line that the launcher splits as a shell does.
    pub command: Command,
    /// The environment of the run, complete but for what the launcher's own surroundings add.
    pub environment: BTreeMap<String, String>,
    /// Names and values by which the infrastructure can be found: `prefect.io/flow-run-id` and others.
    pub labels: BTreeMap<String, String>,
    /// The rendered `job_configuration`: what else the type of the pool knows (`working_dir`, `image`, `mem_limit`).
    pub configuration: Map<String, Value>,
}

/// What a job starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The stock engine of the Prefect that is installed where the job runs: `python -m prefect.engine` with what it
    /// needs before it (pull steps).
    Engine,
    /// What the user wrote instead, as one line.
    Line(String),
}

/// Starts jobs on one kind of infrastructure.
pub trait Launcher: Send + Sync {
    /// The type of the pools that this launcher serves: `process`, `docker`.
    fn pool_type(&self) -> &'static str;

    /// Starts a job. Returns when the infrastructure exists, not when the run has begun. What the job prints goes to
    /// `output`, line by line.
    fn launch<'a>(&'a self, job: &'a Job, output: OutputSink)
    -> BoxFuture<'a, Result<Launched, LaunchError>>;

    /// Stops a job that this or another worker started, by its identifier; first gently, after `grace` for good. Fine
    /// when it has ended already.
    fn stop<'a>(&'a self, identifier: &'a str, grace: Duration) -> BoxFuture<'a, Result<(), StopError>>;

    /// As [`stop`](Self::stop), for another reason than a cancellation, if that makes a difference here.
    fn stop_because<'a>(
        &'a self,
        identifier: &'a str,
        _cause: StopCause,
        grace: Duration,
    ) -> BoxFuture<'a, Result<(), StopError>> {
        self.stop(identifier, grace)
    }

    /// The jobs that are still there from a worker of this name that is gone, found by their labels. The core adopts
    /// those whose runs go on and stops the others.
    fn left_over<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<Vec<LeftOver>, LaunchError>>;
}

/// Why a job is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopCause {
    /// Its run was cancelled.
    Cancelled,
    /// The worker stops, and the run is over with it.
    Shutdown,
    /// The worker stops, and the run is started anew by another one.
    HandBack,
    /// Its run has taken longer than this, and may not.
    TimeLimit(Duration),
}

/// A job that was started.
pub struct Launched {
    /// What the run's `infrastructure_pid` says: enough to stop it from elsewhere.
    pub identifier: String,
    /// Resolves when the infrastructure has ended, however it did.
    pub ended: BoxFuture<'static, Exit>,
}

/// A job of a worker that is gone.
pub struct LeftOver {
    /// Its run.
    pub flow_run: FlowRunId,
    /// Its identifier, and its end.
    pub launched: Launched,
    /// What it has printed since the lines that were passed on by the worker that is gone, as far as that is known, and
    /// what it prints from now on. It comes while the end is awaited.
    pub output: tokio::sync::mpsc::Receiver<OutputLine>,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exit {
    /// The exit code; 128 and the signal's number where a signal ended it; `None` where nobody can tell.
    pub code: Option<i32>,
    /// What is known of the cause besides: `killed by SIGKILL`, `out of memory`, the engine's message.
    pub reason: Option<String>,
    /// The last lines of its output.
    pub last_output: Vec<String>,
}

/// A line that a job printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputLine {
    /// Whether it went to standard error.
    pub is_error: bool,
    /// The line, without its end.
    pub text: String,
}

/// Where the lines of a job go. A full queue makes the job wait, not the worker grow.
pub type OutputSink = tokio::sync::mpsc::Sender<OutputLine>;

/// A job could not be started. The text is for the run's state: what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The job itself is at fault, and would be at fault again: no such image, no such directory.
    #[error("{0}")]
    Job(String),
    /// The infrastructure cannot be reached or is at its limits at the moment.
    #[error("{0}")]
    Infrastructure(String),
}

/// A job could not be stopped.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// It runs somewhere else: another worker may stop it.
    #[error("{0}")]
    Elsewhere(String),
    /// It cannot be found any more.
    #[error("{0}")]
    NotFound(String),
    /// The infrastructure refused.
    #[error("{0}")]
    Infrastructure(String),
}
