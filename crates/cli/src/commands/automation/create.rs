//! `sluice automation create`

use clap::Args;

use super::definitions::Definitions;
use crate::exit::Failure;
use crate::session::Session;

/// Create automations: one, a list of them, or a mapping with a list `automations`
#[derive(Args)]
pub(super) struct Create {
    #[command(flatten)]
    definitions: Definitions,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let definitions = self.definitions.read()?;
        let number = definitions.len();
        let mut created = Vec::new();
        let mut refused = Vec::new();
        for definition in &definitions {
            match session.client.create_automation(&definition.body).await {
                Ok(automation) => created.push(automation),
                Err(error) if error.status().is_none() && created.is_empty() => return Err(error.into()),
                // What was created before has to be told. The others are tried: what is right in a file is created.
                Err(error) => {
                    let name = definition.body["name"].as_str().unwrap_or_default();
                    refused.push(format!("automation '{name}': {error}"));
                    if error.status().is_none() {
                        break;
                    }
                }
            }
        }
        if !created.is_empty() {
            let names: Vec<String> = created.iter().map(|one| format!("'{}'", one.core.name)).collect();
            let noun = if created.len() == 1 { "automation" } else { "automations" };
            session.printer.done(&created, &format!("Created {noun} {}.", names.join(", ")))?;
        }
        if refused.is_empty() {
            return Ok(());
        }
        if number > 1 {
            refused.push(format!("{} of {number} automations were created", created.len()));
        }
        Err(Failure::new(refused.join("\n       ")))
    }
}
