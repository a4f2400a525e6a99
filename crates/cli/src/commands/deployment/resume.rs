//! `sluice deployment resume`

use clap::Args;

use super::{DeploymentName, pause_or_resume};
use crate::exit::Failure;
use crate::session::Session;

/// Let the schedules of a deployment make runs again
#[derive(Args)]
pub(super) struct Resume {
    #[command(flatten)]
    deployment: DeploymentName,
}

impl Resume {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        pause_or_resume(session, &self.deployment, false).await
    }
}
