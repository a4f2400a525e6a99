//! `sluice profile delete`

use clap::Args;
use serde_json::json;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::profiles::ProfilesFile;
use crate::session::Printer;

/// Delete a profile
#[derive(Args)]
pub(super) struct Delete {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) fn run(self, printer: &Printer) -> Result<(), Failure> {
        let mut file = ProfilesFile::read()?;
        file.delete(&self.name)?;
        self.confirmation.ask(&format!("delete profile '{}'", self.name))?;
        file.write()?;
        printer.done(&json!({ "name": self.name }), &format!("Deleted profile '{}'.", self.name))
    }
}
