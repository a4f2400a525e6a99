//! An interpreter that forks a child for every job.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::net::UnixStream;
use tokio::sync::oneshot;

use super::interpreter::{self, Interpreter, Packages, WireJob};
use super::pool::{Recycling, WarmError};
use crate::launchers::process::{End, Started, output_pipe};

/// How long a fork may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A fork server. It goes away when the last job that it started has ended and nobody has it any more.
pub(super) struct ForkServer {
    stream: Arc<UnixStream>,
    /// Jobs are written one after the other.
    sending: tokio::sync::Mutex<u64>,
    jobs: Jobs,
    packages: Packages,
    born: Instant,
}

type Jobs = Arc<Mutex<Option<HashMap<u64, Waiting>>>>;

/// Who waits to hear of a job.
struct Waiting {
    started: Option<oneshot::Sender<u32>>,
    ended: Option<oneshot::Sender<End>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Report {
    Started { started: u64, pid: u32 },
    Ended { ended: u64, code: i32 },
}

impl ForkServer {
    pub(super) async fn start(
        python: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, WarmError> {
        let interpreter = Interpreter::start(python, environment, "fork").await?;
        if interpreter.threads != 1 {
            return Err(WarmError::Threads(interpreter.threads));
        }
        let (mut child, stream, packages) = interpreter.into_parts();
        // Nothing is read before the first job: what was buffered is nothing.
        let stream = Arc::new(stream.into_inner());
        let jobs: Jobs = Arc::new(Mutex::new(Some(HashMap::new())));
        tokio::spawn(listen(Arc::clone(&stream), Arc::clone(&jobs)));
        tokio::spawn(async move { child.wait().await });
        Ok(Self { stream, sending: tokio::sync::Mutex::new(0), jobs, packages, born: Instant::now() })
    }

    /// Why it should not start more runs, if it should not.
    pub(super) async fn reason_to_retire(&self, recycling: Recycling) -> Option<&'static str> {
        if lock(&self.jobs).is_none() {
            Some("it has ended")
        } else if *self.sending.lock().await >= recycling.runs {
            Some("it has started enough runs")
        } else if self.born.elapsed() >= recycling.age {
            Some("it is old")
        } else if self.packages.have_changed() {
            Some("packages have changed")
        } else {
            None
        }
    }

    /// Forks a child that runs `module`.
    pub(super) async fn launch(
        &self,
        environment: &BTreeMap<String, String>,
        directory: &Path,
        module: &str,
    ) -> Result<Started, WarmError> {
        let (output_end, output) = output_pipe()?;
        let (errors_end, errors) = output_pipe()?;
        let (started, has_started) = oneshot::channel();
        let (ended, has_ended) = oneshot::channel();
        {
            let mut number = self.sending.lock().await;
            *number += 1;
            let waiting = Waiting { started: Some(started), ended: Some(ended) };
            lock(&self.jobs).as_mut().ok_or(WarmError::Gone)?.insert(*number, waiting);
            let job = WireJob { job: *number, argv: [module], cwd: directory, env: environment };
            interpreter::send(&self.stream, &job, output_end, errors_end).await?;
        }
        let pid = tokio::time::timeout(PATIENCE, has_started)
            .await
            .map_err(|_| WarmError::Slow)?
            .map_err(|_| WarmError::Gone)?;
        Ok(Started { pid, output, errors, ended: Box::pin(async { has_ended.await.ok() }) })
    }
}

impl Drop for ForkServer {
    fn drop(&mut self) {
        // It sees that no more jobs come; what it says of those that run is still heard.
        let _ = nix::sys::socket::shutdown(
            std::os::fd::AsRawFd::as_raw_fd(&*self.stream),
            nix::sys::socket::Shutdown::Write,
        );
    }
}

async fn listen(stream: Arc<UnixStream>, jobs: Jobs) {
    let mut buffer = Vec::new();
    loop {
        if stream.readable().await.is_err() {
            break;
        }
        let mut chunk = [0; 4096];
        match stream.try_read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => buffer.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(_) => break,
        }
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            match serde_json::from_slice(&line) {
                Ok(report) => note(&jobs, report),
                Err(error) => tracing::warn!(%error, "a fork server says what makes no sense"),
            }
        }
    }
    // Whoever waits hears that nobody knows.
    *lock(&jobs) = None;
}

fn note(jobs: &Jobs, report: Report) {
    let mut jobs = lock(jobs);
    let Some(jobs) = jobs.as_mut() else { return };
    match report {
        Report::Started { started, pid } => {
            if let Some(sender) = jobs.get_mut(&started).and_then(|waiting| waiting.started.take()) {
                let _ = sender.send(pid);
            }
        }
        Report::Ended { ended, code } => {
            if let Some(sender) = jobs.remove(&ended).and_then(|waiting| waiting.ended) {
                let _ = sender.send(if code < 0 { End::Signal(-code) } else { End::Code(code) });
            }
        }
    }
}

fn lock(jobs: &Jobs) -> std::sync::MutexGuard<'_, Option<HashMap<u64, Waiting>>> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner)
}
