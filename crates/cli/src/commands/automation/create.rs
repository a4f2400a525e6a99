//! `sluice automation create`

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::exit::Failure;
use crate::session::Session;

/// Create automations from JSON: one, a list, or an object with a list of them
#[derive(Args)]
pub(super) struct Create {
    /// A file with them; - is standard input
    #[arg(long, short = 'f', value_name = "FILE", required_unless_present = "from_json")]
    from_file: Option<PathBuf>,
    /// The JSON itself
    #[arg(long, short = 'j', value_name = "JSON", conflicts_with = "from_file")]
    from_json: Option<String>,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let text = match (&self.from_json, &self.from_file) {
            (Some(text), _) => text.clone(),
            (None, Some(path)) if path.as_os_str() == "-" => std::io::read_to_string(std::io::stdin())?,
            (None, Some(path)) => std::fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?,
            (None, None) => return Err(Failure::usage("pass --from-file or --from-json")),
        };
        let document: Value = serde_json::from_str(&text).map_err(|error| {
            Failure::usage(format!("this is no JSON: {error}; other formats are not read"))
        })?;
        let bodies = match document {
            Value::Array(items) => items,
            Value::Object(mut fields) => match fields.remove("automations") {
                Some(Value::Array(items)) => items,
                Some(_) => return Err(Failure::usage("`automations` is no list")),
                None => vec![Value::Object(fields)],
            },
            _ => return Err(Failure::usage("this is no automation, but a single value")),
        };
        let mut created = Vec::new();
        for body in &bodies {
            created.push(session.client.create_automation(body).await?);
        }
        let names: Vec<String> = created.iter().map(|one| format!("'{}'", one.core.name)).collect();
        session.printer.done(&created, &format!("Created automation {}.", names.join(", ")))
    }
}
