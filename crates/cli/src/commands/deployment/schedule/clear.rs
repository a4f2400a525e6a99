//! `sluice deployment schedule clear`

use clap::Args;

use super::counted;
use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Delete all schedules of a deployment
#[derive(Args)]
pub(in crate::commands::deployment) struct Clear {
    /// FLOW/DEPLOYMENT, its id, or what its id begins with
    #[arg(value_name = "DEPLOYMENT")]
    deployment: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Clear {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let deployment = lookup::deployment(session, &self.deployment).await?;
        let what = format!("{} of deployment '{}'", counted(deployment.schedules.len()), self.deployment);
        self.confirmation.ask(&format!("delete {what}"))?;
        for schedule in &deployment.schedules {
            session.client.delete_deployment_schedule(deployment.id, schedule.id).await?;
        }
        session.printer.done(&deployment.schedules, &format!("Deleted {what}."))
    }
}
