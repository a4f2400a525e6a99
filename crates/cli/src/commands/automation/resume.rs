//! `sluice automation resume`

use super::{AutomationName, enable};
use clap::Args;

use crate::exit::Failure;
use crate::session::Session;

/// Let an automation act again
#[derive(Args)]
pub(super) struct Resume {
    #[command(flatten)]
    automation: AutomationName,
}

impl Resume {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        enable(session, &self.automation, true).await
    }
}
