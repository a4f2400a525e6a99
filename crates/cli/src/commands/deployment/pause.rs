//! `sluice deployment pause`

use clap::Args;

use super::{DeploymentName, pause_or_resume};
use crate::exit::Failure;
use crate::session::Session;

/// Let the schedules of a deployment make no more runs
#[derive(Args)]
pub(super) struct Pause {
    #[command(flatten)]
    deployment: DeploymentName,
}

impl Pause {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        pause_or_resume(session, &self.deployment, true).await
    }
}
