//! `sluice deployment inspect`

use clap::Args;

use super::DeploymentName;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Show everything about a deployment
#[derive(Args)]
pub(super) struct Inspect {
    #[command(flatten)]
    deployment: DeploymentName,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        session.printer.inspect(&lookup::deployment(session, self.deployment.text()).await?)
    }
}
