//! `sluice profile use`

use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::profiles::ProfilesFile;
use crate::session::Printer;

/// Let the commands from now on mean the server of a profile
#[derive(Args)]
pub(super) struct Use {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
}

impl Use {
    pub(super) fn run(self, printer: &Printer) -> Result<(), Failure> {
        let mut file = ProfilesFile::read()?;
        file.activate(&self.name)?;
        file.write()?;
        printer.done(&json!({ "active": self.name }), &format!("Profile '{}' is in use.", self.name))
    }
}
