//! `sluice automation update`

use clap::Args;

use super::AutomationName;
use super::definitions::Definitions;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Replace an automation by another one, which keeps its id
#[derive(Args)]
pub(super) struct Update {
    #[command(flatten)]
    automation: AutomationName,
    #[command(flatten)]
    definitions: Definitions,
}

impl Update {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut definitions = self.definitions.read()?;
        let (Some(mut definition), true) = (definitions.pop(), definitions.is_empty()) else {
            return Err(Failure::usage("one automation is replaced by one, and there are several in it"));
        };
        let found = lookup::automation(session, self.automation.text()).await?;
        if let Some(fields) = definition.body.as_object_mut() {
            // An automation stays with its owner; the server refuses a body that names one.
            fields.shift_remove("owner_resource");
        }
        session.client.replace_automation(found.id, &definition.body).await?;
        let automation = session.client.automation(found.id).await?;
        let sentence = format!("Automation '{}' ({}) is updated.", automation.core.name, automation.id);
        session.printer.done(&automation, &sentence)
    }
}
