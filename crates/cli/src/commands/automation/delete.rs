//! `sluice automation delete`

use super::AutomationName;
use clap::Args;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Delete an automation
#[derive(Args)]
pub(super) struct Delete {
    #[command(flatten)]
    automation: AutomationName,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let automation = lookup::automation(session, self.automation.text()).await?;
        let name = &automation.core.name;
        self.confirmation.ask(&format!("delete automation '{name}'"))?;
        session.client.delete_automation(automation.id).await?;
        session.printer.done(&automation, &format!("Deleted automation '{name}'."))
    }
}
