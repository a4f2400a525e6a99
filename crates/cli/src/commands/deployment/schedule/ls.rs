//! `sluice deployment schedule ls`

use clap::Args;

use super::describe;
use crate::exit::Failure;
use crate::lookup;
use crate::output::Cell;
use crate::session::Session;

/// List the schedules of a deployment
#[derive(Args)]
pub(in crate::commands::deployment) struct Ls {
    /// FLOW/DEPLOYMENT, its id, or what its id begins with
    #[arg(value_name = "DEPLOYMENT")]
    deployment: String,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let deployment = lookup::deployment(session, &self.deployment).await?;
        let schedules = session.client.deployment_schedules(deployment.id).await?;
        session.printer.list("schedules", &schedules, &["ID", "SCHEDULE", "ACTIVE", "SLUG"], |schedule| {
            vec![
                Cell::id(schedule.id),
                Cell::text(describe(&schedule.schedule)),
                Cell::status(if schedule.active { "yes" } else { "no" }, schedule.active),
                Cell::optional(schedule.slug.as_deref()),
            ]
        })
    }
}
