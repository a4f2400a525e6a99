//! Which interpreters are kept ready, and when they are replaced.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::decide::StartKey;
use super::fork_server::ForkServer;
use super::interpreter::Interpreter;
use super::standby;
use crate::launchers::process::Started;

/// How many kinds of interpreters are kept at once.
const MOST_KINDS: usize = 4;

/// Whether interpreters are kept ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarmPython {
    /// Every run starts its own.
    Off,
    /// This many wait for one job each.
    Standby(usize),
    /// One forks a child for every job.
    Fork,
}

/// When a fork server is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recycling {
    /// After this many runs.
    pub runs: u64,
    /// At this age.
    pub age: Duration,
}

impl Default for Recycling {
    fn default() -> Self {
        Self { runs: 1_000, age: Duration::from_secs(6 * 3_600) }
    }
}

/// Why there is no warm interpreter.
#[derive(Debug, thiserror::Error)]
pub enum WarmError {
    /// None are wanted.
    #[error("warm Python is off")]
    Off,
    /// It says nothing for too long.
    #[error("the warm interpreter does not answer")]
    Slow,
    /// It is no Python with Prefect.
    #[error("the interpreter cannot import Prefect")]
    NoPrefect,
    /// A fork would lose threads.
    #[error("{0} threads are alive after the import, so that forking is not safe; --warm-python standby is")]
    Threads(usize),
    /// It ended.
    #[error("the warm interpreter has ended")]
    Gone,
    /// Talking to it failed.
    #[error("the warm interpreter cannot be used: {0}")]
    Io(#[from] std::io::Error),
}

/// The interpreters that are kept ready.
#[derive(Clone)]
pub struct WarmPool(Arc<Inner>);

struct Inner {
    mode: WarmPython,
    recycling: Recycling,
    servers: tokio::sync::Mutex<VecDeque<(StartKey, Arc<ForkServer>)>>,
    waiting: Mutex<HashMap<String, Vec<Interpreter>>>,
}

impl WarmPool {
    /// A pool in which nothing is ready yet.
    pub fn new(mode: WarmPython, recycling: Recycling) -> Self {
        Self(Arc::new(Inner { mode, recycling, servers: Default::default(), waiting: Default::default() }))
    }

    /// Makes interpreters for runs with this environment ready, in the background.
    pub fn prepare(&self, python: &Path, environment: &BTreeMap<String, String>) {
        let (pool, python, environment) = (self.clone(), PathBuf::from(python), environment.clone());
        tokio::spawn(async move {
            let prepared = match pool.0.mode {
                WarmPython::Off => Ok(()),
                WarmPython::Fork => pool.fork_server(&python, &environment).await.map(drop),
                WarmPython::Standby(most) => pool.stand_by(&python, &environment, most).await,
            };
            if let Err(error) = prepared {
                tracing::warn!(%error, "runs start cold");
            }
        });
    }

    /// Starts `module` as `python -m` would.
    pub(crate) async fn launch(
        &self,
        python: &Path,
        environment: &BTreeMap<String, String>,
        directory: &Path,
        module: &str,
    ) -> Result<Started, WarmError> {
        match self.0.mode {
            WarmPython::Off => Err(WarmError::Off),
            WarmPython::Fork => {
                self.fork_server(python, environment).await?.launch(environment, directory, module).await
            }
            WarmPython::Standby(_) => {
                let found = self.take(&StartKey::new(python, environment));
                self.prepare(python, environment);
                let interpreter = match found {
                    Some(interpreter) => interpreter,
                    None => Interpreter::start(python, environment, "standby").await?,
                };
                standby::launch(interpreter, environment, directory, module).await
            }
        }
    }

    /// The fork server for this environment; a new one where there is none that may go on.
    async fn fork_server(
        &self,
        python: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Arc<ForkServer>, WarmError> {
        let key = StartKey::new(python, environment);
        let mut servers = self.0.servers.lock().await;
        if let Some(place) = servers.iter().position(|(other, _)| *other == key)
            && let Some((key, server)) = servers.remove(place)
        {
            match server.reason_to_retire(self.0.recycling).await {
                None => {
                    servers.push_back((key, Arc::clone(&server)));
                    return Ok(server);
                }
                Some(reason) => tracing::info!(reason, "a fork server is replaced"),
            }
        }
        let server = Arc::new(ForkServer::start(python, environment).await?);
        servers.push_back((key, Arc::clone(&server)));
        if servers.len() > MOST_KINDS {
            // The one that was used longest ago.
            servers.pop_front();
        }
        Ok(server)
    }

    async fn stand_by(
        &self,
        python: &Path,
        environment: &BTreeMap<String, String>,
        most: usize,
    ) -> Result<(), WarmError> {
        let key = format!("{:?}", StartKey::new(python, environment));
        while self.waiting().get(&key).map_or(0, Vec::len) < most {
            let interpreter = Interpreter::start(python, environment, "standby").await?;
            self.waiting().entry(key.clone()).or_default().push(interpreter);
        }
        Ok(())
    }

    fn take(&self, key: &StartKey) -> Option<Interpreter> {
        let mut waiting = self.waiting();
        let interpreters = waiting.get_mut(&format!("{key:?}"))?;
        interpreters.retain(|interpreter| !interpreter.packages_have_changed());
        interpreters.pop()
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<Interpreter>>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
