//! The container of a job: everything that the engine is told when it makes one.

use std::path::Path;

use bollard::models::ContainerCreateBody;
use serde_json::Map;

use super::configuration::{Configuration, refused};
use super::extra_arguments;
use super::image::DEFAULT_IMAGE;
use super::labels::{Watching, labels_of};
use super::network::{api_url_inside, host_of_the_engine, needs_host_of_the_engine, network_mode};
use super::volumes::bind;
use crate::launchers::{Command, Job, LaunchError};

/// The variable that says where the API is.
const API_URL: &str = "PREFECT_API_URL";

/// What Prefect starts in a container: it looks up the run that `PREFECT__FLOW_RUN_ID` names, pulls its code and runs it.
const ENGINE_COMMAND: [&str; 3] = ["prefect", "flow-run", "execute"];

/// What of the worker's surroundings shapes a container.
pub(super) struct Surroundings<'a> {
    /// The worker's directory, from which volumes with relative paths are taken.
    pub directory: &'a Path,
    /// Whether the engine can give a container the network of this machine.
    pub is_linux: bool,
    /// What the worker serves.
    pub scope: &'a str,
}

/// A container to make.
#[derive(Debug, PartialEq)]
pub(super) struct Container {
    /// The name that is wanted for it.
    pub name: String,
    /// Its image.
    pub image: String,
    /// The platform of the image, where one is asked for.
    pub platform: Option<String>,
    /// The body of the engine's request.
    pub body: ContainerCreateBody,
    /// How it is watched.
    pub watching: Watching,
    /// The networks that it joins before it starts, besides the first.
    pub further_networks: Vec<String>,
}

/// Describes the container of a job.
pub(super) fn container_of(
    job: &Job,
    configuration: &Configuration,
    surroundings: &Surroundings<'_>,
) -> Result<Container, LaunchError> {
    let none = Map::new();
    let extra = extra_arguments::read(configuration.container_create_kwargs.as_ref().unwrap_or(&none))?;
    let body: Result<ContainerCreateBody, _> = serde_path_to_error::deserialize(extra.body);
    let mut body = body
        .map_err(|error| refused(&extra_arguments::argument_of(&error.path().to_string()), error.inner()))?;

    let image = configuration.image.clone().filter(|image| !image.is_empty());
    let image = image.unwrap_or_else(|| DEFAULT_IMAGE.to_owned());
    body.image = Some(image.clone());
    body.cmd = Some(command_of(&job.command)?);
    let watching = Watching {
        auto_remove: configuration.auto_remove == Some(true),
        streams_output: configuration.stream_output != Some(false),
        has_terminal: body.tty == Some(true),
    };
    body.labels = Some(labels_of(job, surroundings.scope, watching));

    let api_url = job.environment.get(API_URL).map(String::as_str);
    let mode = network_mode(
        configuration.network_mode.as_deref(),
        &configuration.networks,
        api_url,
        surroundings.is_linux,
    );
    let mut environment = job.environment.clone();
    if let Some(api_url) = api_url {
        environment.insert(API_URL.to_owned(), api_url_inside(api_url, mode.as_deref()));
    }
    body.env = Some(environment.iter().map(|(name, value)| format!("{name}={value}")).collect());

    let host = body.host_config.get_or_insert_default();
    if needs_host_of_the_engine(api_url, mode.as_deref(), surroundings.is_linux) {
        let (name, address) = host_of_the_engine();
        let hosts = host.extra_hosts.get_or_insert_default();
        if !hosts.iter().any(|entry| entry.split_once(':').is_some_and(|(other, _)| other == name)) {
            hosts.push(format!("{name}:{address}"));
        }
    }
    host.network_mode = mode;
    let binds: Result<Vec<_>, _> =
        configuration.volumes.iter().map(|it| bind(it, surroundings.directory)).collect();
    let binds = binds.map_err(|problem| refused("volumes", problem))?;
    // A path alone is a volume without a name: the engine has another field for it.
    let (binds, unnamed): (Vec<_>, Vec<_>) = binds.into_iter().partition(|bind| bind.contains(':'));
    host.binds = Some(binds);
    body.volumes = Some(unnamed);
    let host = body.host_config.get_or_insert_default();
    host.memory = configuration.mem_limit;
    host.memory_swap = configuration.memswap_limit;
    host.nano_cpus = configuration.nano_cpus.or(host.nano_cpus);
    host.privileged = configuration.privileged;
    // Not the engine's own removal: it takes the exit code with it.
    host.auto_remove = Some(false);

    let name = configuration.name.clone().filter(|name| !name.is_empty());
    Ok(Container {
        name: name.unwrap_or_else(|| job.flow_run_name.clone()),
        image,
        platform: extra.platform,
        body,
        watching,
        further_networks: configuration.networks.iter().skip(1).cloned().collect(),
    })
}

fn command_of(command: &Command) -> Result<Vec<String>, LaunchError> {
    match command {
        Command::Engine => Ok(ENGINE_COMMAND.map(str::to_owned).to_vec()),
        Command::Line(line) => shlex::split(line)
            .ok_or_else(|| refused("command", format!("a quotation mark is not closed in {line:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::launchers::docker::testing::job;

    fn container(configuration: Value, change: impl FnOnce(&mut Job)) -> Result<Container, String> {
        let mut job = job();
        change(&mut job);
        job.configuration = configuration.as_object().unwrap().clone();
        let surroundings =
            Surroundings { directory: Path::new("/srv"), is_linux: true, scope: "https://sluice.test/api" };
        let configuration = Configuration::read(&job.configuration).map_err(|error| error.to_string())?;
        container_of(&job, &configuration, &surroundings).map_err(|error| error.to_string())
    }

    #[test]
    fn a_pool_that_says_nothing_runs_prefects_own_image() {
        let container = container(json!({}), |_| {}).unwrap();
        assert_eq!((container.image.as_str(), container.name.as_str()), (DEFAULT_IMAGE, "fizzy-lizard"));
        assert_eq!(container.body.cmd.unwrap(), ["prefect", "flow-run", "execute"]);
        assert_eq!(container.body.env.unwrap(), ["PREFECT_API_URL=https://sluice.test/api"]);
        let host = container.body.host_config.unwrap();
        assert_eq!((host.network_mode, host.extra_hosts, host.auto_remove), (None, None, Some(false)));
    }

    #[test]
    fn what_the_pool_says_reaches_the_engine() {
        let configuration = json!({
            "name": "etl", "image": "flows:1", "networks": ["flows", "data"], "volumes": ["./in:/in:ro", "/scratch"],
            "mem_limit": "64m", "memswap_limit": "64m", "cpus": 0.5, "privileged": true, "auto_remove": true,
            "container_create_kwargs": {"hostname": "etl", "extra_hosts": {"db": "10.0.0.7"}, "platform": "linux/arm64"},
        });
        let container = container(configuration, |job| {
            job.command = Command::Line("python 'my flow.py' --fast".to_owned());
            job.environment.insert(API_URL.to_owned(), "http://localhost:4200/api".to_owned());
        });
        let container = container.unwrap();
        assert_eq!((container.name.as_str(), container.platform.as_deref()), ("etl", Some("linux/arm64")));
        assert_eq!(container.further_networks, ["data"]);
        let body = container.body;
        assert_eq!(body.cmd.unwrap(), ["python", "my flow.py", "--fast"]);
        assert_eq!(body.env.unwrap(), ["PREFECT_API_URL=http://host.docker.internal:4200/api"]);
        assert_eq!(
            (body.hostname.as_deref(), body.volumes.unwrap()),
            (Some("etl"), vec!["/scratch".to_owned()])
        );
        let host = body.host_config.unwrap();
        assert_eq!(host.network_mode.as_deref(), Some("flows"));
        assert_eq!(host.extra_hosts.unwrap(), ["db:10.0.0.7", "host.docker.internal:host-gateway"]);
        assert_eq!(host.binds.unwrap(), ["/srv/in:/in:ro"]);
        assert_eq!(
            (host.memory, host.memory_swap, host.nano_cpus),
            (Some(64 << 20), Some(64 << 20), Some(500_000_000))
        );
        assert_eq!((host.privileged, host.auto_remove), (Some(true), Some(false)));
        assert_eq!(body.labels.unwrap()["io.sluice.auto-remove"], "true");
    }

    #[test]
    fn an_api_on_this_machine_is_reached_over_its_network() {
        let local = "http://127.0.0.1:4200/api";
        let container = container(json!({}), |job| {
            job.environment.insert(API_URL.to_owned(), local.to_owned());
        });
        let body = container.unwrap().body;
        assert_eq!(body.env.unwrap(), [format!("PREFECT_API_URL={local}")]);
        assert_eq!(body.host_config.unwrap().network_mode.as_deref(), Some("host"));
    }

    #[test]
    fn a_job_that_cannot_be_started_says_which_variable_is_at_fault() {
        let cases = [
            (json!({"volumes": ["data"]}), "job variable volumes: \"data\" names no path in the container"),
            (
                json!({"container_create_kwargs": {"nano_cpus": "many"}}),
                "job variable container_create_kwargs.nano_cpus: invalid type: string \"many\", expected i64",
            ),
        ];
        for (configuration, expected) in cases {
            assert_eq!(container(configuration, |_| {}).unwrap_err(), expected);
        }
        let unclosed = container(json!({}), |job| job.command = Command::Line("python 'flow.py".to_owned()));
        let expected = "job variable command: a quotation mark is not closed in \"python 'flow.py\"";
        assert_eq!(unclosed.unwrap_err(), expected);
    }
}
