//! `sluice automation`

mod create;
mod definitions;
mod delete;
mod inspect;
mod ls;
mod pause;
mod resume;
mod update;

use clap::{ArgMatches, Args, Command, Subcommand};

use crate::exit::Failure;
use crate::lookup;
use crate::session::{self, Session};

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    #[command(visible_alias = "disable")]
    Pause(pause::Pause),
    #[command(visible_alias = "enable")]
    Resume(resume::Resume),
    Create(create::Create),
    Update(update::Update),
    Delete(delete::Delete),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("automation", "Look at automations and change them").alias("automations")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Pause(pause) => pause.run(session).await,
        Verbs::Resume(resume) => resume.run(session).await,
        Verbs::Create(create) => create.run(session).await,
        Verbs::Update(update) => update.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
    })
}

/// Which automation is meant.
#[derive(Args)]
struct AutomationName {
    /// Its name, its id, or what its id begins with
    #[arg(value_name = "AUTOMATION", required_unless_present = "id")]
    name: Option<String>,
    /// Its id
    #[arg(long, value_name = "ID", conflicts_with = "name", hide = true)]
    id: Option<String>,
}

impl AutomationName {
    fn text(&self) -> &str {
        self.name.as_deref().or(self.id.as_deref()).unwrap_or_default()
    }
}

/// Switches an automation on or off.
async fn enable(session: &Session, name: &AutomationName, enabled: bool) -> Result<(), Failure> {
    let found = lookup::automation(session, name.text()).await?;
    session.client.enable_automation(found.id, enabled).await?;
    let automation = session.client.automation(found.id).await?;
    let state = if enabled { "resumed" } else { "paused" };
    session.printer.done(&automation, &format!("Automation '{}' is {state}.", automation.core.name))
}
