//! `sluice automation resume`

use super::{AutomationName, enable};
use clap::Args;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::session::Session;

/// Let an automation act again
#[derive(Args)]
pub(super) struct Resume {
    #[command(flatten)]
    automation: AutomationName,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Resume {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        enable(session, &self.automation, &self.confirmation, true).await
    }
}
