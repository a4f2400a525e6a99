//! `sluice server start`

use std::net::SocketAddr;

use clap::{ArgMatches, Command};
use sluice_server::Settings;
use tokio::signal::unix::{SignalKind, signal};

use crate::commands::settings_arguments;
use crate::exit::Failure;
use crate::output::say;

pub(super) fn command() -> Command {
    let command =
        Command::new("start").about("Start the server and serve until SIGINT or SIGTERM").after_help(
            "Every option is also an environment variable (SLUICE_PORT=4201) and a line of the settings file \
         (port = 4201). The command line comes first, then the environment, then the file. \
         --help names the variables.",
        );
    settings_arguments::add(command, None)
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    serve(&settings_arguments::load(matches)?, async |_| None::<Nothing>)
}

/// What runs beside the server, and is told to stop before it.
pub(in crate::commands) trait Companion {
    /// Tells it to stop, and waits until it has.
    async fn stop(self);
}

/// No companion.
enum Nothing {}

impl Companion for Nothing {
    async fn stop(self) {
        match self {}
    }
}

/// Serves until the process is told to stop. `companion` starts what runs beside the server, once that listens.
pub(in crate::commands) fn serve<C: Companion>(
    settings: &Settings,
    companion: impl AsyncFnOnce(SocketAddr) -> Option<C>,
) -> Result<(), Failure> {
    sluice_server::telemetry::start_logging(settings);
    let options = settings.server_options()?;
    let threads = options.network_threads();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_stack_size(sluice_server::THREAD_STACK_BYTES)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Listening for signals before anything starts: a SIGTERM during the start is a clean stop too.
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let server = sluice_server::start(options).await?;
        let address = server.address;
        say(format!("Sluice serves the API at http://{address}/api"));
        say(format!("Point a project at it: export PREFECT_API_URL=http://{address}/api"));
        let companion = companion(address).await;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        if let Some(companion) = companion {
            tokio::select! {
                () = companion.stop() => {}
                _ = interrupt.recv() => {}
            }
        }
        tokio::select! {
            () = server.stop() => Ok(()),
            _ = interrupt.recv() => Err(Failure::new("stopped before everything was finished")),
        }
    })
}
