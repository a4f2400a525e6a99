//! `sluice worker start`

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use sluice_client::{Client, Target};
use sluice_worker::launchers::docker::{DockerLauncher, EngineAddress};
use sluice_worker::launchers::process::{GuardianCommand, ProcessLauncher, ProcessOptions, find_python};
use sluice_worker::launchers::{Launcher, memory_size};
use sluice_worker::warm_python::{Recycling, WarmPython};
use sluice_worker::{AtShutdown, Request, WorkerError, WorkerOptions, find_pool, work};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::exit::Failure;
use crate::output::Background;

/// How often a request is tried again before the worker's own loops take over.
const RETRIES: u32 = 3;
/// How often to look whether the parent is still there.
const PARENT_CHECK: Duration = Duration::from_secs(1);
/// How long a worker waits before it asks again for a server that is away when it starts.
const SERVER_IS_AWAY: Duration = Duration::from_secs(2);

pub(super) fn command() -> Command {
    Command::new("start")
        .about("Take the runs of a work pool and run them, until SIGINT or SIGTERM")
        .after_help(
            "The first SIGINT or SIGTERM lets runs finish for a while, the second ends them at once. Options and \
             variables are those of `prefect worker start`, where that has them.",
        )
        .arg(text("pool", "NAME", "Work pool to take runs from").short('p').required(true))
        .arg(text("type", "TYPE", "Type of the worker [default: that of the pool, or process]").short('t'))
        .arg(text("name", "NAME", "Name of the worker [default: a random one]").short('n'))
        .arg(
            text("work-queue", "NAME", "Queue of the pool to take runs from; may be said more than once")
                .short('q')
                .action(ArgAction::Append),
        )
        .arg(
            Arg::new("limit")
                .long("limit")
                .short('l')
                .value_name("NUMBER")
                .value_parser(value_parser!(NonZeroUsize))
                .help("How many runs at once [default: no limit]"),
        )
        .arg(
            seconds("prefetch-seconds", "10", "How long before its time a run is taken")
                .env("PREFECT_WORKER_PREFETCH_SECONDS"),
        )
        .arg(
            seconds("query-seconds", "10", "How often to ask for runs, besides when the server says that there are")
                .env("PREFECT_WORKER_QUERY_SECONDS"),
        )
        .arg(
            seconds("heartbeat-seconds", "30", "How often to say that the worker lives")
                .env("PREFECT_WORKER_HEARTBEAT_SECONDS"),
        )
        .arg(
            seconds(
                "cancellation-poll-seconds",
                "30",
                "How often to look for cancelled runs, besides when the server says that there are",
            )
            .env("PREFECT_WORKER_CANCELLATION_POLL_SECONDS"),
        )
        .arg(flag("run-once", "Take what is due once, let it finish, and end"))
        .arg(flag("with-healthcheck", "Serve /health"))
        .arg(
            text("health-host", "HOST", "Where to serve /health")
                .env("PREFECT_WORKER_WEBSERVER_HOST")
                .default_value("0.0.0.0"),
        )
        .arg(
            Arg::new("health-port")
                .long("health-port")
                .value_name("PORT")
                .env("PREFECT_WORKER_WEBSERVER_PORT")
                .value_parser(value_parser!(u16))
                .default_value("8080")
                .help("On which port to serve /health"),
        )
        .arg(
            flag("create-pool-if-not-found", "Create the pool if there is none [default]")
                .overrides_with("no-create-pool-if-not-found"),
        )
        .arg(flag("no-create-pool-if-not-found", "Fail if there is no such pool"))
        .arg(
            Arg::new("base-job-template")
                .long("base-job-template")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("JSON file with the job template of a pool that is created"),
        )
        .arg(flag("ends-with-parent", "Stop when the process that started the worker is gone").hide(true))
        .arg(seconds("shutdown-grace", "30", "How long runs may go on when the worker is told to stop"))
        .arg(
            Arg::new("at-shutdown")
                .long("at-shutdown")
                .value_name("POLICY")
                .value_parser(["crash", "hand-back"])
                .default_value("crash")
                .help("What happens to runs that take longer: they crash, or other workers start them anew"),
        )
        .arg(
            Arg::new("time-limit")
                .long("time-limit")
                .value_name("SECONDS")
                .env("SLUICE_WORKER_TIME_LIMIT")
                .value_parser(value_parser!(u64).range(1..))
                .help("Stop runs that take longer, unless their time_limit says otherwise [default: no limit]"),
        )
        .arg(
            Arg::new("memory-limit")
                .long("memory-limit")
                .value_name("SIZE")
                .env("SLUICE_WORKER_MEMORY_LIMIT")
                .value_parser(|text: &str| memory_size(text))
                .help_heading("Processes")
                .help("Kill runs that take more, like 512m or 2g, unless their mem_limit says otherwise [default: no limit]"),
        )
        .arg(
            Arg::new("python")
                .long("python")
                .value_name("PATH")
                .env("SLUICE_WORKER_PYTHON")
                .value_parser(value_parser!(PathBuf))
                .help_heading("Processes")
                .help("Interpreter that has Prefect [default: that of the virtual environment, or of PATH]"),
        )
        .arg(
            Arg::new("warm-python")
                .long("warm-python")
                .value_name("MODE")
                .env("SLUICE_WORKER_WARM_PYTHON")
                .value_parser(|text: &str| warm_python(text))
                .default_value("fork")
                .help_heading("Processes")
                .help("Keep interpreters with Prefect ready: off, standby, standby(NUMBER) or fork"),
        )
        .arg(
            seconds("orphan-grace", "30", "How long processes may go on when the worker is killed")
                .help_heading("Processes"),
        )
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let profile = matches.get_one::<String>("profile").map(String::as_str);
    let target = Target::find(|name| std::env::var(name).ok(), profile)?;
    let options = options(matches, &target)?;
    let messages = Background::start(std::io::stderr())?;
    start_logging(&messages)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        // Listening for signals before anything starts: a SIGTERM during the start is a clean stop, too.
        let requests = listen_for_signals(matches.get_flag("ends-with-parent"))?;
        let client = Client::new(target)?.with_retries(RETRIES);
        let wanted_type = matches.get_one::<String>("type").map(String::as_str);
        let pool = loop {
            match find_pool(&client, &options, wanted_type).await {
                Ok(pool) => break pool,
                Err(WorkerError::Client(error)) if error.is_temporary() => {
                    tracing::warn!(%error, "the server is away; trying again");
                    tokio::time::sleep(SERVER_IS_AWAY).await;
                }
                Err(error) => return Err(Failure::from(error)),
            }
        };
        if let Some(wanted) = wanted_type.filter(|wanted| *wanted != pool.r#type) {
            return Err(Failure::new(format!(
                "the work pool {:?} is of the type {:?}, not {wanted:?}; leave --type away",
                pool.name, pool.r#type
            )));
        }
        if pool.is_paused {
            messages
                .say(format!("The work pool {:?} is paused: nothing is run until it is resumed.", pool.name));
        }
        let scope = format!("{} {}", client.target().api, pool.name);
        let launcher = launcher(matches, &pool.r#type, scope).await?;
        messages.say(format!(
            "Worker {:?} takes runs of the {} pool {:?} from {}",
            options.name,
            pool.r#type,
            pool.name,
            client.target().api
        ));
        work(client, options, launcher, pool, requests).await?;
        Ok(())
    });
    messages.finish();
    done
}

/// What starts the jobs of pools of this type. `scope` tells what it serves from what other workers of this name serve.
async fn launcher(
    matches: &ArgMatches,
    pool_type: &str,
    scope: String,
) -> Result<Arc<dyn Launcher>, Failure> {
    match pool_type {
        "process" => {
            let environment: BTreeMap<String, String> = std::env::vars().collect();
            let python = match matches.get_one::<PathBuf>("python") {
                Some(python) if !is_there(python, &environment) => {
                    return Err(Failure::new(format!(
                        "there is no {}; say --python with an interpreter that has Prefect",
                        python.display()
                    )));
                }
                Some(python) => python.clone(),
                None => find_python(&environment).ok_or_else(|| {
                    Failure::new(
                        "there is no python in PATH; activate the environment that has Prefect, or say --python",
                    )
                })?,
            };
            let options = ProcessOptions {
                python,
                warm_python: matches.get_one("warm-python").copied().unwrap_or(WarmPython::Fork),
                recycling: Recycling::default(),
                memory_limit: matches.get_one::<u64>("memory-limit").copied(),
                orphan_grace: get_seconds(matches, "orphan-grace"),
                guardian: Some(GuardianCommand {
                    program: std::env::current_exe()?,
                    arguments: vec!["worker".to_owned(), "guard".to_owned()],
                }),
            };
            Ok(Arc::new(ProcessLauncher::start(options, environment).await?))
        }
        "docker" => {
            let address = EngineAddress::from_environment(|name| std::env::var(name).ok())?;
            let launcher = DockerLauncher::new(address, scope);
            Ok(Arc::new(match home() {
                Some(home) => launcher.with_positions(home.join("worker").join("positions")),
                None => launcher,
            }))
        }
        other => Err(Failure::new(format!(
            "this worker cannot run pools of the type {other:?}; it knows: process, docker. Use `prefect worker start` for it"
        ))),
    }
}

/// Whether there is such a program: where its path says, or in PATH where it is only a name.
fn is_there(program: &Path, environment: &BTreeMap<String, String>) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let path = environment.get("PATH").map(String::as_str).unwrap_or_default();
    std::env::split_paths(path).any(|directory| directory.join(program).is_file())
}

/// Where this machine's user keeps what Sluice stores.
fn home() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("SLUICE_HOME").or_else(|| set("HOME").map(|home| home.join(".sluice")))
}

fn options(matches: &ArgMatches, target: &Target) -> Result<WorkerOptions, Failure> {
    let name = matches.get_one::<String>("name").cloned();
    let name = name.unwrap_or_else(|| format!("sluice-{}", uuid::Uuid::new_v4()));
    if name.contains(['/', '%']) {
        return Err(Failure::new("the name of a worker contains no '/' and no '%'"));
    }
    let base_job_template = match matches.get_one::<PathBuf>("base-job-template") {
        None => None,
        Some(path) => {
            let unusable =
                |cause: String| Failure::new(format!("cannot use the template {}: {cause}", path.display()));
            let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
            Some(serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?)
        }
    };
    let get_text = |id: &str| matches.get_one::<String>(id).cloned().unwrap_or_default();
    let health = if matches.get_flag("with-healthcheck") {
        let port = matches.get_one::<u16>("health-port").copied().unwrap_or(8080);
        let address = format!("{}:{port}", get_text("health-host"));
        let unusable =
            |_| Failure::new(format!("{address:?} is no address to serve /health on; say an IP address"));
        Some(SocketAddr::from_str(&address).map_err(unusable)?)
    } else {
        None
    };
    Ok(WorkerOptions {
        pool: get_text("pool"),
        name,
        queues: matches.get_many::<String>("work-queue").into_iter().flatten().cloned().collect(),
        limit: matches.get_one::<NonZeroUsize>("limit").copied(),
        prefetch: get_seconds(matches, "prefetch-seconds"),
        poll_interval: get_seconds(matches, "query-seconds"),
        heartbeat_interval: get_seconds(matches, "heartbeat-seconds"),
        cancellation_poll_interval: get_seconds(matches, "cancellation-poll-seconds"),
        shutdown_grace: get_seconds(matches, "shutdown-grace"),
        at_shutdown: if get_text("at-shutdown") == "hand-back" {
            AtShutdown::HandBack
        } else {
            AtShutdown::Crash
        },
        time_limit: matches.get_one::<u64>("time-limit").copied().map(Duration::from_secs),
        run_once: matches.get_flag("run-once"),
        health,
        create_pool: !matches.get_flag("no-create-pool-if-not-found"),
        base_job_template,
        run_environment: run_environment(target),
    })
}

/// The settings of Prefect that the worker itself was given: runs get them too.
fn run_environment(target: &Target) -> BTreeMap<String, String> {
    let is_setting = |name: &str| name.starts_with("PREFECT_") && !name.starts_with("PREFECT__");
    let mut environment: BTreeMap<String, String> =
        std::env::vars().filter(|(name, _)| is_setting(name)).collect();
    environment.extend(target.to_environment());
    environment
}

/// With `ends_with_parent` the end of the parent is a signal, too.
fn listen_for_signals(ends_with_parent: bool) -> Result<mpsc::Receiver<Request>, Failure> {
    let parent = ends_with_parent.then(std::os::unix::process::parent_id);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        let mut request = Request::Stop;
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = end_of(parent), if request == Request::Stop => {}
            }
            if sender.send(request).await.is_err() {
                return;
            }
            request = Request::StopNow;
        }
    });
    Ok(receiver)
}

/// Returns when the parent of this process is no longer `parent`.
async fn end_of(parent: Option<u32>) {
    let Some(parent) = parent else { return std::future::pending().await };
    while std::os::unix::process::parent_id() == parent {
        tokio::time::sleep(PARENT_CHECK).await;
    }
}

fn start_logging(messages: &Background) -> Result<(), Failure> {
    use std::io::IsTerminal;

    let filter = tracing_subscriber::EnvFilter::try_from_env("SLUICE_LOG_LEVEL")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"))
        // It writes what it sends to the engine, the environment of runs with their secrets.
        .add_directive("bollard=info".parse()?);
    // An error says that somebody logs already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(messages.clone())
        .with_ansi(std::io::stderr().is_terminal())
        .log_internal_errors(false)
        .try_init();
    Ok(())
}

fn warm_python(text: &str) -> Result<WarmPython, String> {
    match text {
        "off" => Ok(WarmPython::Off),
        "fork" => Ok(WarmPython::Fork),
        "standby" => Ok(WarmPython::Standby(1)),
        other => other
            .strip_prefix("standby(")
            .and_then(|rest| rest.strip_suffix(')')?.parse().ok())
            .map(WarmPython::Standby)
            .ok_or_else(|| "expected off, standby, standby(NUMBER) or fork".to_owned()),
    }
}

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn seconds(name: &'static str, default: &'static str, help: &'static str) -> Arg {
    text(name, "SECONDS", help).default_value(default).value_parser(|text: &str| {
        let seconds: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
        Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
    })
}

fn get_seconds(matches: &ArgMatches, name: &str) -> Duration {
    matches.get_one::<Duration>(name).copied().unwrap_or_default()
}
