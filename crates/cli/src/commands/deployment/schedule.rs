//! `sluice deployment schedule`

mod clear;
mod create;
mod delete;
mod ls;
mod pause;
mod resume;

use clap::Subcommand;
use serde_json::json;
use sluice_wire::deployments::{Deployment, DeploymentSchedule};
use sluice_wire::schedules::Schedule;

use crate::exit::Failure;
use crate::lookup::{self, Named};
use crate::output::duration;
use crate::session::Session;

/// Manage the schedules of a deployment
#[derive(Subcommand)]
pub(super) enum Verbs {
    Ls(ls::Ls),
    Create(create::Create),
    Pause(pause::Pause),
    Resume(resume::Resume),
    Delete(delete::Delete),
    Clear(clear::Clear),
}

pub(super) async fn run(verb: Verbs, session: &Session) -> Result<(), Failure> {
    match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Create(create) => create.run(session).await,
        Verbs::Pause(pause) => pause.run(session).await,
        Verbs::Resume(resume) => resume.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
        Verbs::Clear(clear) => clear.run(session).await,
    }
}

/// `cron 0 * * * * (UTC)`, `every 1h 0m`.
fn describe(schedule: &Schedule) -> String {
    let (text, zone) = match schedule {
        Schedule::Interval(interval) => {
            (format!("every {}", duration(interval.interval)), &interval.timezone)
        }
        Schedule::Cron(cron) => (format!("cron {}", cron.cron), &cron.timezone),
        Schedule::RRule(rule) => (format!("rrule {}", rule.rrule), &rule.timezone),
    };
    zone.as_ref().map_or_else(|| text.clone(), |zone| format!("{text} ({zone})"))
}

/// The schedule of the deployment that `text` names: by its id, what that begins with, or its slug.
fn find<'d>(deployment: &'d Deployment, name: &str, text: &str) -> Result<&'d DeploymentSchedule, Failure> {
    let schedules = &deployment.schedules;
    if let Some(schedule) = schedules.iter().find(|schedule| schedule.slug.as_deref() == Some(text)) {
        return Ok(schedule);
    }
    let missing = || {
        Failure::not_found(format!(
            "deployment '{name}' has no schedule '{text}'; `sluice deployment schedule ls {name}` shows those that it has"
        ))
    };
    let prefix = match Named::parse(text) {
        Named::Id(id) => id.to_string(),
        Named::Prefix(prefix) => prefix,
        Named::Name => return Err(missing()),
    };
    let id = |schedule: &&DeploymentSchedule| schedule.id.to_string();
    lookup::by_prefix("schedule", &prefix, schedules.iter().collect(), id)?.ok_or_else(missing)
}

/// Switches one schedule, or all of them, on or off.
async fn switch(session: &Session, name: &str, schedule: Option<&str>, active: bool) -> Result<(), Failure> {
    let deployment = lookup::deployment(session, name).await?;
    let chosen: Vec<&DeploymentSchedule> = match schedule {
        Some(text) => vec![find(&deployment, name, text)?],
        None => deployment.schedules.iter().collect(),
    };
    for schedule in &chosen {
        let change = json!({ "active": active });
        session.client.update_deployment_schedule(deployment.id, schedule.id, &change).await?;
    }
    let schedules = session.client.deployment_schedules(deployment.id).await?;
    let verb = if active { "Resumed" } else { "Paused" };
    let sentence = format!("{verb} {} of deployment '{name}'.", counted(chosen.len()));
    session.printer.done(&schedules, &sentence)
}

fn counted(number: usize) -> String {
    if number == 1 { "1 schedule".to_owned() } else { format!("{number} schedules") }
}
