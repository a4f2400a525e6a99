//! `sluice profile inspect`

use clap::Args;
use serde_json::{Map, Value};

use crate::exit::Failure;
use crate::profiles::{ProfilesFile, is_secret};
use crate::session::Printer;

/// Show the settings of a profile, secrets hidden
#[derive(Args)]
pub(super) struct Inspect {
    /// Its name [default: the one in use]
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl Inspect {
    pub(super) fn run(self, printer: &Printer) -> Result<(), Failure> {
        let file = ProfilesFile::read()?;
        let Some(name) = self.name.or_else(|| file.in_use()) else {
            return Err(Failure::not_found("no profile is in use; `sluice profile use NAME` chooses one"));
        };
        let hidden = |(setting, value): (String, String)| {
            let value = if is_secret(&setting) { "********".to_owned() } else { value };
            (setting, Value::String(value))
        };
        printer.inspect(&file.settings(&name)?.into_iter().map(hidden).collect::<Map<_, _>>())
    }
}
