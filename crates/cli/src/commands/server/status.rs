//! `sluice server status`

use std::time::{Duration, Instant};

use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde_json::json;

use crate::exit::Failure;
use crate::session::{self, Printer};

/// How often a server that is awaited is asked.
const PERIOD: Duration = Duration::from_millis(500);

/// Say whether the server answers, and which one it is
#[derive(Args)]
struct Status {
    /// Wait until the server answers
    #[arg(long)]
    wait: bool,
    /// How long to wait, in seconds; 0 means without end
    #[arg(long, short = 't', value_name = "SECONDS", default_value_t = 0)]
    timeout: u64,
}

pub(super) fn command() -> Command {
    session::arguments(Status::augment_args(Command::new("status")))
        .about("Say whether the server answers, and which one it is")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let status = Status::from_arg_matches(matches).map_err(|error| Failure::usage(error.render()))?;
    let printer = Printer::new(matches);
    // A server that is away is the answer here, nothing that is tried again behind the scenes.
    let client = session::client(matches)?.with_retries(0);
    session::block_on(async {
        let started = Instant::now();
        let timeout = Duration::from_secs(status.timeout);
        loop {
            match client.ready().await {
                Ok(()) => break,
                Err(error) if !status.wait || !error.is_temporary() => return Err(error.into()),
                Err(error) if status.timeout > 0 && started.elapsed() >= timeout => return Err(error.into()),
                Err(_) => tokio::time::sleep(PERIOD).await,
            }
        }
        let version = client.server_info().await?.version;
        let url = client.target().api.to_string();
        let object = json!({ "status": "available", "api_url": url, "server_version": version });
        printer
            .done(&object, &format!("The server at {url} is ready; it is compatible with Prefect {version}."))
    })
}
