//! Runs as processes on the worker's own machine: forked from a warm interpreter where that gives the same as a cold
//! start, started from nothing where it may not.

mod control_channel;
mod guardian;
mod memory;
mod options;
mod output;
mod running;
mod spawn;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::Value;
use tempfile::TempDir;

use super::sizes::memory_size;
use super::{Command, Job, LaunchError, Launched, Launcher, LeftOver, OutputSink, StopCause, StopError};
use crate::warm_python::{WarmPool, reason_for_a_cold_start};
use control_channel::ControlChannel;
pub use guardian::{GuardianCommand, guard};
use memory::{MemoryWatch, Watched};
pub use options::{ProcessOptions, find_python};
use running::Running;
pub(crate) use spawn::{End, Started, output_pipe};

/// What a warm interpreter runs, and a cold one after `-m`.
const ENGINE: &str = "prefect.engine";

/// Starts runs as processes.
pub struct ProcessLauncher {
    /// What every process gets before its job's own variables.
    surroundings: BTreeMap<String, String>,
    python: PathBuf,
    warm: WarmPool,
    control: ControlChannel,
    guardian: guardian::Guardian,
    memory: MemoryWatch,
    memory_limit: Option<u64>,
    running: Arc<Mutex<HashMap<u32, Arc<Running>>>>,
    host: String,
}

impl ProcessLauncher {
    /// Prepares to start processes: the guardian, the channel over which runs hear that they are cancelled, and a warm
    /// interpreter. `environment` is what the processes inherit.
    pub async fn start(
        options: ProcessOptions,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, LaunchError> {
        let guardian = guardian::Guardian::start(options.guardian.as_ref(), options.orphan_grace);
        let guardian =
            guardian.map_err(|error| infrastructure("cannot start the guardian of runs", &error))?;
        let control = ControlChannel::start().await;
        let control = control.map_err(|error| infrastructure("cannot listen on 127.0.0.1", &error))?;
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let warm = WarmPool::new(options.warm_python, options.recycling);
        if reason_for_a_cold_start(&environment).is_none() {
            warm.prepare(&options.python, &environment);
        }
        Ok(Self {
            surroundings: environment,
            python: options.python,
            warm,
            control,
            guardian,
            memory: MemoryWatch::start(),
            memory_limit: options.memory_limit,
            running: Arc::default(),
            host: host.trim().to_owned(),
        })
    }

    async fn start_process(&self, job: &Job, output: OutputSink) -> Result<Launched, LaunchError> {
        let memory_limit = memory_limit(job)?.or(self.memory_limit);
        let mut environment = self.surroundings.clone();
        environment.extend(job.environment.clone());
        let registration = self.control.register();
        environment.extend(registration.environment());
        let (directory, temporary) = directory(job)?;
        let started = match &job.command {
            Command::Line(line) => {
                let words = shlex::split(line)
                    .filter(|words| !words.is_empty())
                    .ok_or_else(|| LaunchError::Job(format!("the command cannot be read: {line:?}")))?;
                spawn::cold(&words, &environment, &directory)?
            }
            Command::Engine => self.start_engine(job, &environment, &directory).await?,
        };
        self.guardian.watch(started.pid, [&started.output, &started.errors]);
        let running = Arc::new(Running::new(started.pid, registration));
        self.table().insert(started.pid, Arc::clone(&running));
        let identifier = format!("{}:{}", self.host, started.pid);
        let (guardian, table) = (self.guardian.clone(), Arc::clone(&self.running));
        let watched = memory_limit.map(|limit| self.memory.watch(started.pid, limit));
        let streams = job.configuration.get("stream_output").and_then(Value::as_bool).unwrap_or(true);
        let ended = tokio::spawn(async move {
            let mut exit = output::follow(started, streams.then_some(output)).await;
            if let Some(reason) = watched.as_ref().and_then(Watched::reason) {
                exit.reason = Some(reason);
            }
            running.has_ended();
            table.lock().unwrap_or_else(PoisonError::into_inner).remove(&running.pid);
            guardian.forget(running.pid);
            // The directory of the run goes with it.
            drop(temporary);
            exit
        });
        let ended = Box::pin(async move { ended.await.unwrap_or_default() });
        Ok(Launched { identifier, ended })
    }

    async fn start_engine(
        &self,
        job: &Job,
        environment: &BTreeMap<String, String>,
        directory: &std::path::Path,
    ) -> Result<Started, LaunchError> {
        let reason = match reason_for_a_cold_start(environment) {
            Some(reason) => reason,
            None => match self.warm.launch(&self.python, environment, directory, ENGINE).await {
                Ok(started) => return Ok(started),
                Err(error) => error.to_string(),
            },
        };
        tracing::info!(flow_run = %job.flow_run, reason, "starts a cold interpreter");
        let python = self.python.to_string_lossy().into_owned();
        spawn::cold(&[python, "-m".to_owned(), ENGINE.to_owned()], environment, directory)
    }

    async fn stop_process(
        &self,
        identifier: &str,
        cause: StopCause,
        grace: Duration,
    ) -> Result<(), StopError> {
        let (host, pid) = identifier.rsplit_once(':').unwrap_or(("", identifier));
        if host != self.host {
            return Err(StopError::Elsewhere(format!("the process {pid} runs on {host:?}")));
        }
        let number: Option<u32> = pid.parse().ok();
        let running = number.and_then(|pid| self.table().get(&pid).cloned());
        match running {
            Some(running) => {
                running.stop(cause, grace).await;
                Ok(())
            }
            None if number.is_some_and(running::is_there) => {
                Err(StopError::Elsewhere(format!("the process {pid} is not one of this worker")))
            }
            None => Err(StopError::NotFound(format!("this worker has no process {pid}"))),
        }
    }

    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<u32, Arc<Running>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Launcher for ProcessLauncher {
    fn pool_type(&self) -> &'static str {
        "process"
    }

    fn launch<'a>(
        &'a self,
        job: &'a Job,
        output: OutputSink,
    ) -> BoxFuture<'a, Result<Launched, LaunchError>> {
        Box::pin(self.start_process(job, output))
    }

    fn stop<'a>(&'a self, identifier: &'a str, grace: Duration) -> BoxFuture<'a, Result<(), StopError>> {
        Box::pin(self.stop_process(identifier, StopCause::Cancelled, grace))
    }

    fn stop_because<'a>(
        &'a self,
        identifier: &'a str,
        cause: StopCause,
        grace: Duration,
    ) -> BoxFuture<'a, Result<(), StopError>> {
        Box::pin(self.stop_process(identifier, cause, grace))
    }

    /// None: the guardian of a worker that is gone ends what it left behind.
    fn left_over<'a>(&'a self, _worker: &'a str) -> BoxFuture<'a, Result<Vec<LeftOver>, LaunchError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

/// How much memory the job may take: its `mem_limit`, as that of a container.
fn memory_limit(job: &Job) -> Result<Option<u64>, LaunchError> {
    let text = match job.configuration.get("mem_limit") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let unusable = |error| LaunchError::Job(format!("the mem_limit cannot be used: {error}"));
    memory_size(&text).map(Some).map_err(unusable)
}

/// Where the job runs: `working_dir`, or a directory of its own that goes with it.
fn directory(job: &Job) -> Result<(PathBuf, Option<TempDir>), LaunchError> {
    match job.configuration.get("working_dir").and_then(Value::as_str).filter(|path| !path.is_empty()) {
        Some(path) => {
            let path = PathBuf::from(path);
            let directory = path.canonicalize().map_err(|error| {
                LaunchError::Job(format!("cannot use the working directory {}: {error}", path.display()))
            })?;
            Ok((directory, None))
        }
        None => {
            let temporary = tempfile::Builder::new().suffix("prefect").tempdir();
            let temporary =
                temporary.map_err(|error| infrastructure("cannot create a directory for the run", &error))?;
            let path = temporary.path().canonicalize();
            let path = path.map_err(|error| infrastructure("cannot use the directory of the run", &error))?;
            Ok((path, Some(temporary)))
        }
    }
}

fn infrastructure(what: &str, error: &std::io::Error) -> LaunchError {
    LaunchError::Infrastructure(format!("{what}: {error}"))
}
