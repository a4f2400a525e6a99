//! `sluice deployment schedule delete`

use clap::Args;

use super::{describe, find};
use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Delete a schedule of a deployment
#[derive(Args)]
pub(in crate::commands::deployment) struct Delete {
    /// FLOW/DEPLOYMENT, its id, or what its id begins with
    #[arg(value_name = "DEPLOYMENT")]
    deployment: String,
    /// The id or slug of the schedule
    #[arg(value_name = "SCHEDULE")]
    schedule: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let deployment = lookup::deployment(session, &self.deployment).await?;
        let schedule = find(&deployment, &self.deployment, &self.schedule)?;
        let what = format!("schedule '{}' of deployment '{}'", describe(&schedule.schedule), self.deployment);
        self.confirmation.ask(&format!("delete {what}"))?;
        session.client.delete_deployment_schedule(deployment.id, schedule.id).await?;
        session.printer.done(schedule, &format!("Deleted {what}."))
    }
}
