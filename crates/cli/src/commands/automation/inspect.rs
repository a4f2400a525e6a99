//! `sluice automation inspect`

use super::AutomationName;
use clap::Args;

use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Show everything about an automation
#[derive(Args)]
pub(super) struct Inspect {
    #[command(flatten)]
    automation: AutomationName,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        session.printer.inspect(&lookup::automation(session, self.automation.text()).await?)
    }
}
