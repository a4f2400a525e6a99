//! Where `automation create` and `automation update` take automations from.

use std::path::PathBuf;

use clap::Args;
use sluice_platform::{AutomationDefinition, automation_definitions, parse_document, read_document};

use crate::exit::Failure;

/// `--from-file` and `--from-json`.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Definitions {
    /// A YAML or JSON file; - is standard input
    #[arg(long, short = 'f', value_name = "FILE")]
    from_file: Option<PathBuf>,
    /// The JSON itself
    #[arg(long, short = 'j', value_name = "JSON")]
    from_json: Option<String>,
}

impl Definitions {
    /// The automations that are defined there. What has no effect is noted on standard error.
    pub(super) fn read(&self) -> Result<Vec<AutomationDefinition>, Failure> {
        let document = match (&self.from_json, &self.from_file) {
            (Some(text), _) => serde_json::from_str(text)
                .map_err(|error| Failure::usage(format!("--from-json is no JSON: {error}")))?,
            (None, Some(file)) if file.as_os_str() == "-" => {
                let text = std::io::read_to_string(std::io::stdin())?;
                parse_document(&text).map_err(|cause| Failure::usage(format!("standard input: {cause}")))?
            }
            (None, Some(file)) => read_document(file).map_err(Failure::usage)?,
            (None, None) => return Err(Failure::usage("pass --from-file or --from-json")),
        };
        let found = automation_definitions(document).map_err(Failure::usage)?;
        if found.is_empty() {
            return Err(Failure::usage("there is no automation in it"));
        }
        for note in found.iter().flat_map(|definition| &definition.notes) {
            eprintln!("note: {note}");
        }
        Ok(found)
    }
}
