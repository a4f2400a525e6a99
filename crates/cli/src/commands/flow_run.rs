//! `sluice flow-run`

mod cancel;
mod delete;
mod inspect;
mod logs;
mod ls;
mod retry;
mod watch;

use clap::{ArgMatches, Command, Subcommand};
use sluice_wire::orchestration_results::{OrchestrationResult, SetStateStatus, StateResponseDetails};

use crate::exit::Failure;
use crate::session;

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Logs(logs::Logs),
    Cancel(cancel::Cancel),
    Retry(retry::Retry),
    Watch(watch::Watch),
    Delete(delete::Delete),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("flow-run", "Look at flow runs, cancel, retry and delete them").alias("flow-runs")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Logs(logs) => logs.run(session).await,
        Verbs::Cancel(cancel) => cancel.run(session).await,
        Verbs::Retry(retry) => retry.run(session).await,
        Verbs::Watch(watch) => watch.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
    })
}

/// An error with the server's reason, unless it accepted the state.
fn accepted(what: &str, result: &OrchestrationResult) -> Result<(), Failure> {
    if result.status == SetStateStatus::Accept {
        return Ok(());
    }
    let reason = match &result.details {
        StateResponseDetails::Accept {} => None,
        StateResponseDetails::Reject { reason }
        | StateResponseDetails::Abort { reason }
        | StateResponseDetails::Wait { reason, .. } => reason.as_deref(),
    };
    Err(Failure::new(format!("the server refuses to {what}: {}", reason.unwrap_or("it gives no reason"))))
}
