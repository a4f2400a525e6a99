//! `sluice deployment`

mod delete;
mod inspect;
mod ls;
mod pause;
mod resume;
mod run;
mod schedule;

use clap::{ArgMatches, Args, Command, Subcommand};

use crate::exit::Failure;
use crate::lookup;
use crate::session::{self, Session};

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Run(Box<run::Run>),
    Pause(pause::Pause),
    Resume(resume::Resume),
    Delete(delete::Delete),
    #[command(subcommand)]
    Schedule(schedule::Verbs),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("deployment", "Look at deployments, run them, and manage their schedules")
        .alias("deployments")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Run(run) => run.run(session).await,
        Verbs::Pause(pause) => pause.run(session).await,
        Verbs::Resume(resume) => resume.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
        Verbs::Schedule(verb) => schedule::run(verb, session).await,
    })
}

/// Which deployment is meant.
#[derive(Args)]
struct DeploymentName {
    /// FLOW/DEPLOYMENT, its id, or what its id begins with
    #[arg(value_name = "DEPLOYMENT", required_unless_present = "id")]
    name: Option<String>,
    /// Its id
    #[arg(long, value_name = "ID", conflicts_with = "name", hide = true)]
    id: Option<String>,
}

impl DeploymentName {
    fn text(&self) -> &str {
        self.name.as_deref().or(self.id.as_deref()).unwrap_or_default()
    }
}

/// Pauses or resumes a deployment.
async fn pause_or_resume(session: &Session, name: &DeploymentName, pause: bool) -> Result<(), Failure> {
    let found = lookup::deployment(session, name.text()).await?;
    if pause {
        session.client.pause_deployment(found.id).await?;
    } else {
        session.client.resume_deployment(found.id).await?;
    }
    let deployment = session.client.deployment(found.id).await?;
    let state = if pause { "paused" } else { "resumed" };
    session.printer.done(&deployment, &format!("Deployment '{}' is {state}.", name.text()))
}
