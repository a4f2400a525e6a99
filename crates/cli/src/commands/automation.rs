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

use crate::confirmation::Confirmation;
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

/// Switches an automation on or off, or all of one name if that is wanted.
async fn enable(
    session: &Session,
    name: &AutomationName,
    confirmation: &Confirmation,
    enabled: bool,
) -> Result<(), Failure> {
    let text = name.text();
    let found = lookup::automations(session, text).await?;
    let (verb, state) = if enabled { ("resume", "resumed") } else { ("pause", "paused") };
    if found.len() > 1 {
        confirmation.ask(&format!("{verb} all {} automations of the name '{text}'", found.len()))?;
    }
    let mut switched = Vec::new();
    for automation in &found {
        session.client.enable_automation(automation.id, enabled).await?;
        switched.push(session.client.automation(automation.id).await?);
    }
    match switched.as_slice() {
        [one] => session.printer.done(one, &format!("Automation '{}' is {state}.", one.core.name)),
        all => {
            let sentence = format!("{} automations of the name '{text}' are {state}.", all.len());
            session.printer.done(&all, &sentence)
        }
    }
}
