//! `sluice profile create`

use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::profiles::ProfilesFile;
use crate::session::Printer;

/// Create a profile
#[derive(Args)]
pub(super) struct Create {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// Copy the settings of this one
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
}

impl Create {
    pub(super) fn run(self, printer: &Printer) -> Result<(), Failure> {
        let mut file = ProfilesFile::read()?;
        file.create(&self.name, self.from.as_deref())?;
        file.write()?;
        let sentence = format!("Created profile '{0}'; `sluice profile use {0}` uses it.", self.name);
        printer.done(&json!({ "name": self.name }), &sentence)
    }
}
