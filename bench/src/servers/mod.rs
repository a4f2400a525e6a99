//! The two servers under measurement: started as a user starts them, stopped by process id.

mod process;
mod reference;
mod sluice;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use self::process::ServerProcess;
use crate::failure::Failure;
use crate::http_client::HttpClient;

/// Longest wait for the first healthy answer; the reference migrates an empty database in about ten seconds.
const HEALTHY_WITHIN: Duration = Duration::from_secs(120);

/// Pause between two questions whether a starting server is healthy: the resolution of `start-up`.
const HEALTH_INTERVAL: Duration = Duration::from_millis(5);

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerKind {
    Sluice,
    Reference,
}

impl ServerKind {
    /// The name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sluice => "sluice",
            Self::Reference => "reference",
        }
    }
}

/// What is needed to start either server.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    pub(crate) sluice: PathBuf,
    pub(crate) reference_python: Option<PathBuf>,
    pub(crate) work_directory: PathBuf,
}

impl Programs {
    /// Fails with advice when the program of `kind` is not there.
    pub(crate) fn check(&self, kind: ServerKind) -> Result<(), Failure> {
        match kind {
            ServerKind::Sluice => sluice::program(self).map(drop),
            ServerKind::Reference => reference::python(self).map(drop),
        }
    }
}

/// A running server with its own temporary directory. Dropping it kills the process and removes the directory.
#[derive(Debug)]
pub(crate) struct Server {
    kind: ServerKind,
    programs: Programs,
    port: u16,
    client: HttpClient,
    // Declared before the directory: the process ends before its files go.
    process: Option<ServerProcess>,
    directory: TempDir,
}

impl Server {
    /// Starts a server on a free loopback port with an empty database and waits until it is healthy.
    pub(crate) async fn start(kind: ServerKind, programs: &Programs) -> Result<Self, Failure> {
        let port = free_port()?;
        let mut server = Self {
            kind,
            programs: programs.clone(),
            port,
            client: HttpClient::new(format!("http://127.0.0.1:{port}/api"))?,
            process: None,
            directory: tempfile::Builder::new()
                .prefix("sluice-bench-")
                .tempdir_in(&programs.work_directory)?,
        };
        server.start_again().await?;
        Ok(server)
    }

    /// Starts the stopped server again on its database. Returns the time from the start of the process to the
    /// first 200 of `/api/health`.
    pub(crate) async fn start_again(&mut self) -> Result<Duration, Failure> {
        let directory = self.directory.path();
        let command = match self.kind {
            ServerKind::Sluice => sluice::command(&self.programs, directory, self.port)?,
            ServerKind::Reference => reference::command(&self.programs, directory, self.port)?,
        };
        let started = Instant::now();
        let process = self.process.insert(ServerProcess::spawn(command, &self.log_path_in(directory))?);
        let health = format!("http://127.0.0.1:{}/api/health", self.port);
        let prober = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
        while process.is_running()? && started.elapsed() < HEALTHY_WITHIN {
            if prober.get(&health).send().await.is_ok_and(|response| response.status().is_success()) {
                return Ok(started.elapsed());
            }
            tokio::time::sleep(HEALTH_INTERVAL).await;
        }
        Err(Failure::NotHealthy { seconds: started.elapsed().as_secs(), log: self.log_tail() })
    }

    /// Asks the server to end and waits; kills it when it does not.
    pub(crate) async fn stop(&mut self) -> Result<(), Failure> {
        match self.process.take() {
            Some(process) => process.stop().await,
            None => Ok(()),
        }
    }

    /// Which server this is.
    pub(crate) fn kind(&self) -> ServerKind {
        self.kind
    }

    /// The HTTP client for this server's API.
    pub(crate) fn client(&self) -> &HttpClient {
        &self.client
    }

    /// The process id at the root of the server's tree; 0 (no process) while it is stopped.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.as_ref().map_or(0, ServerProcess::id)
    }

    /// The last lines that the server printed.
    pub(crate) fn log_tail(&self) -> String {
        let log = std::fs::read(self.log_path_in(self.directory.path())).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(15)..).unwrap_or_default().join("\n")
    }

    /// Fills the stopped reference's database with `copies` copies of the flow runs it holds.
    pub(crate) async fn seed_reference(&self, copies: u64) -> Result<(), Failure> {
        reference::seed(&self.programs, self.directory.path(), copies).await
    }

    fn log_path_in(&self, directory: &Path) -> PathBuf {
        directory.join("server.log")
    }
}

/// A loopback port that was free a moment ago.
fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
