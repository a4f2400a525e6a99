//! Starts jobs as containers, through the API of a Docker engine.
//!
//! A container carries everything that a later worker needs to find it again: its labels name the run, the worker, and
//! what the worker serves. The engine's own removal of ended containers is not used, for it takes the exit code away;
//! the launcher removes them when it has seen their end.

mod configuration;
mod container;
mod credentials;
mod engine;
mod errors;
mod exit;
mod extra_arguments;
mod identifier;
mod image;
mod labels;
mod names;
mod network;
mod output;
mod positions;
#[cfg(test)]
mod testing;
mod volumes;
mod watch;

use std::time::Duration;

use bollard::models::{ContainerStateStatusEnum, ContainerSummaryStateEnum, NetworkConnectRequest};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, StartContainerOptions,
    StopContainerOptionsBuilder,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{OnceCell, mpsc};

use self::configuration::Configuration;
use self::container::{Container, Surroundings, container_of};
use self::credentials::credentials_for;
use self::engine::{Engine, Unreachable};
pub use self::engine::{EngineAddress, UnusableAddress};
use self::errors::{is_missing, is_name_conflict, launch_error, stop_error};
use self::identifier::Identifier;
use self::image::{PullPolicy, provide};
use self::positions::Positions;
use self::watch::{Watched, WatchedContainers, remove};
use super::{Exit, Job, LaunchError, Launched, Launcher, LeftOver, OutputSink, StopError};

/// How many lines of a container that was left over may wait to be printed.
const OUTPUT_QUEUE: usize = 256;

/// How long after its end the output of a container is passed on at most.
const OUTPUT_AFTER_THE_END: Duration = Duration::from_secs(30);

/// Starts jobs as containers of one engine.
pub struct DockerLauncher {
    address: EngineAddress,
    scope: String,
    engine: OnceCell<Engine>,
    watched: WatchedContainers,
    positions: Positions,
    patience: Duration,
}

impl DockerLauncher {
    /// A launcher for the engine at an address. `scope` says what the worker serves, as the API's address and the pool's
    /// name do: containers of a worker of the same name that serves something else are left alone. Nothing is asked of
    /// the engine yet.
    pub fn new(address: EngineAddress, scope: impl Into<String>) -> Self {
        Self {
            address,
            scope: scope.into(),
            engine: OnceCell::new(),
            watched: WatchedContainers::default(),
            positions: Positions::default(),
            patience: OUTPUT_AFTER_THE_END,
        }
    }

    /// Passes on the output of a container for this long after its end at most, instead of for 30 seconds. Who is slow to
    /// read what the worker prints, or does not read it, does not hold up the end of a run.
    pub fn with_patience_for_output(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Keeps note in a directory of how far the output of each container was passed on, so that a later worker goes on
    /// from there. Without one it begins anew.
    pub fn with_positions(mut self, directory: impl Into<std::path::PathBuf>) -> Self {
        self.positions = Positions::in_directory(directory.into());
        self
    }

    async fn engine(&self) -> Result<&Engine, Unreachable> {
        self.engine.get_or_try_init(|| Engine::connect(&self.address)).await
    }

    async fn launch_container(&self, job: &Job, output: OutputSink) -> Result<Launched, LaunchError> {
        let configuration = Configuration::read(&job.configuration)?;
        let directory = std::env::current_dir().map_err(|error| {
            LaunchError::Infrastructure(format!("cannot tell the worker's directory: {error}"))
        })?;
        let surroundings =
            Surroundings { directory: &directory, is_linux: cfg!(target_os = "linux"), scope: &self.scope };
        let container = container_of(job, &configuration, &surroundings)?;

        let engine = self.engine().await.map_err(|error| LaunchError::Infrastructure(error.to_string()))?;
        let policy = configuration.image_pull_policy.unwrap_or_else(|| PullPolicy::of_tag(&container.image));
        let credentials = match policy {
            PullPolicy::Never => None,
            _ => credentials_for(&container.image, configuration.registry_credentials.as_ref()).await,
        };
        provide(engine, &container.image, policy, credentials).await?;

        let id = create(engine, job, &container).await?;
        // Entered before it is started: a look for what is left over must not find what is just beginning.
        let entry = self.watched.enter(&id);
        if let Err(error) = start(engine, &id, &container).await {
            remove(engine, &id).await;
            return Err(error);
        }
        let watched = Watched {
            engine: engine.clone(),
            container: id.clone(),
            watching: container.watching,
            all: self.watched.clone(),
            positions: self.positions.of_engine(engine),
            patience: self.patience,
        };
        let output = container.watching.streams_output.then_some(output);
        let ended = async move {
            let _entry = entry;
            watched.until_the_end(output).await
        };
        let identifier = Identifier { engine: engine.name.clone(), container: id }.to_string();
        Ok(Launched { identifier, ended: ended.boxed() })
    }

    async fn stop_container(&self, text: &str, grace: Duration) -> Result<(), StopError> {
        let identifier = Identifier::parse(text)
            .ok_or_else(|| StopError::NotFound(format!("{text:?} is not the identifier of a container")))?;
        let engine = self.engine().await.map_err(|error| StopError::Infrastructure(error.to_string()))?;
        let id = &identifier.container;
        let doing = format!("stop the container {id}");
        // Asked first whatever the engine is called: one engine can have several addresses, and ids are never the same.
        let details = match engine.docker.inspect_container(id, None).await {
            Ok(details) => details,
            Err(error) if is_missing(&error) => return Err(self.missing(&identifier, engine)),
            Err(error) => return Err(stop_error(&engine.address, &doing, &error)),
        };
        let seconds = i32::try_from(grace.as_secs()).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::default().t(seconds).build();
        match engine.patient(grace).stop_container(id, Some(options)).await {
            Ok(()) => {}
            // Ended and removed meanwhile.
            Err(error) if is_missing(&error) => return Ok(()),
            Err(error) => return Err(stop_error(&engine.address, &doing, &error)),
        }
        let labels = details.config.and_then(|config| config.labels).unwrap_or_default();
        let status = details.state.and_then(|state| state.status);
        let is_useless =
            labels::watching_of(&labels).auto_remove || status == Some(ContainerStateStatusEnum::CREATED);
        // Whoever watches it removes it, after reading how it ended.
        if is_useless && !self.watched.contains(details.id.as_deref().unwrap_or(id)) {
            remove(engine, id).await;
        }
        Ok(())
    }

    fn missing(&self, identifier: &Identifier, engine: &Engine) -> StopError {
        let id = &identifier.container;
        if identifier.is_elsewhere(&engine.name) {
            return StopError::Elsewhere(format!(
                "the container {id} is on {}, and this worker uses {}",
                identifier.engine, engine.name
            ));
        }
        StopError::NotFound(format!("there is no container {id} on {} any more", engine.name))
    }

    async fn find_left_over(&self, worker: &str) -> Result<Vec<LeftOver>, LaunchError> {
        let engine = self.engine().await.map_err(|error| LaunchError::Infrastructure(error.to_string()))?;
        let filters = labels::of_worker(worker, &self.scope);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let found = engine.docker.list_containers(Some(options)).await;
        let found = found.map_err(|error| launch_error(&engine.address, "list the containers", &error))?;
        let positions = self.positions.of_engine(engine);
        positions.keep_those_of(engine).await;
        let left_over = found.into_iter().filter_map(|summary| {
            let container = summary.id?;
            if self.watched.contains(&container) {
                return None;
            }
            let labels = summary.labels.unwrap_or_default();
            let flow_run = labels::flow_run_of(&labels)?;
            let identifier =
                Identifier { engine: engine.name.clone(), container: container.clone() }.to_string();
            let watched = Watched {
                engine: engine.clone(),
                container,
                watching: labels::watching_of(&labels),
                all: self.watched.clone(),
                positions: positions.clone(),
                patience: self.patience,
            };
            let (sink, output) = mpsc::channel(OUTPUT_QUEUE);
            let sink = watched.watching.streams_output.then_some(sink);
            let ended = if summary.state == Some(ContainerSummaryStateEnum::CREATED) {
                never_started(watched).boxed()
            } else {
                watched.until_the_end(sink).boxed()
            };
            Some(LeftOver { flow_run, launched: Launched { identifier, ended }, output })
        });
        Ok(left_over.collect())
    }
}

impl Launcher for DockerLauncher {
    fn pool_type(&self) -> &'static str {
        "docker"
    }

    /// Pulls the image where its policy says so, makes the container and starts it. Its output flows, and it is removed
    /// at its end, while `ended` is awaited.
    fn launch<'a>(
        &'a self,
        job: &'a Job,
        output: OutputSink,
    ) -> BoxFuture<'a, Result<Launched, LaunchError>> {
        self.launch_container(job, output).boxed()
    }

    fn stop<'a>(&'a self, identifier: &'a str, grace: Duration) -> BoxFuture<'a, Result<(), StopError>> {
        self.stop_container(identifier, grace).boxed()
    }

    fn left_over<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<Vec<LeftOver>, LaunchError>> {
        self.find_left_over(worker).boxed()
    }
}

/// Makes a container under the first of its names that is free, and returns its id.
async fn create(engine: &Engine, job: &Job, container: &Container) -> Result<String, LaunchError> {
    let doing = format!("create a container of the image {}", container.image);
    let mut names = names::candidates(&container.name, job.flow_run);
    loop {
        let name = names.next().flatten();
        let platform = container.platform.as_deref().unwrap_or_default();
        let mut options = CreateContainerOptionsBuilder::default().platform(platform);
        if let Some(name) = &name {
            options = options.name(name);
        }
        match engine.docker.create_container(Some(options.build()), container.body.clone()).await {
            Ok(created) => {
                for warning in created.warnings {
                    tracing::warn!(container = created.id, warning, "the engine warns of a container");
                }
                return Ok(created.id);
            }
            Err(error) if name.is_some() && is_name_conflict(&error) => {}
            Err(error) => return Err(launch_error(&engine.address, &doing, &error)),
        }
    }
}

async fn start(engine: &Engine, id: &str, container: &Container) -> Result<(), LaunchError> {
    for network in &container.further_networks {
        let request = NetworkConnectRequest { container: id.to_owned(), ..NetworkConnectRequest::default() };
        let connected = engine.docker.connect_network(network, request).await;
        connected
            .map_err(|error| launch_error(&engine.address, &format!("join the network {network}"), &error))?;
    }
    let started = engine.docker.start_container(id, None::<StartContainerOptions>).await;
    let doing = format!("start a container of the image {}", container.image);
    started.map_err(|error| launch_error(&engine.address, &doing, &error))
}

/// The end of a container whose worker died between making it and starting it. It has nothing to show, so it is removed.
async fn never_started(watched: Watched) -> Exit {
    remove(&watched.engine, &watched.container).await;
    let reason = Some("the worker ended before it had started the container".to_owned());
    Exit { reason, ..Exit::default() }
}
