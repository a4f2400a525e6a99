//! `sluice automation delete`

use clap::Args;
use serde_json::json;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Delete an automation, or all of them
#[derive(Args)]
pub(super) struct Delete {
    /// Its name, its id, or what its id begins with
    #[arg(value_name = "AUTOMATION", required_unless_present_any = ["id", "all"])]
    name: Option<String>,
    /// Its id
    #[arg(long, value_name = "ID", conflicts_with = "name", hide = true)]
    id: Option<String>,
    /// Delete every automation of the server
    #[arg(long, conflicts_with_all = ["name", "id"])]
    all: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        if self.all {
            return self.delete_all(session).await;
        }
        let text = self.name.as_deref().or(self.id.as_deref()).unwrap_or_default();
        let automation = lookup::automation(session, text).await?;
        let name = &automation.core.name;
        self.confirmation.ask(&format!("delete automation '{name}'"))?;
        session.client.delete_automation(automation.id).await?;
        session.printer.done(&automation, &format!("Deleted automation '{name}'."))
    }

    async fn delete_all(&self, session: &Session) -> Result<(), Failure> {
        let automations = session.client.automations(&json!({}), usize::MAX).await?;
        if automations.is_empty() {
            return session.printer.done(&automations, "There are no automations.");
        }
        let number = match automations.len() {
            1 => "1 automation".to_owned(),
            number => format!("{number} automations"),
        };
        self.confirmation.ask(&format!("delete all {number}"))?;
        for automation in &automations {
            session.client.delete_automation(automation.id).await?;
        }
        session.printer.done(&automations, &format!("Deleted {number}."))
    }
}
