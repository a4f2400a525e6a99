//! `sluice automation pause`

use super::{AutomationName, enable};
use clap::Args;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::session::Session;

/// Let an automation do nothing for a while
#[derive(Args)]
pub(super) struct Pause {
    #[command(flatten)]
    automation: AutomationName,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Pause {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        enable(session, &self.automation, &self.confirmation, false).await
    }
}
