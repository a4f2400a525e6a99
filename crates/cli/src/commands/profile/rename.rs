//! `sluice profile rename`

use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::profiles::ProfilesFile;
use crate::session::Printer;

/// Give a profile another name
#[derive(Args)]
pub(super) struct Rename {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// Its new name
    #[arg(value_name = "NEW_NAME")]
    new_name: String,
}

impl Rename {
    pub(super) fn run(self, printer: &Printer) -> Result<(), Failure> {
        let mut file = ProfilesFile::read()?;
        file.rename(&self.name, &self.new_name)?;
        file.write()?;
        let sentence = format!("Profile '{}' is now '{}'.", self.name, self.new_name);
        printer.done(&json!({ "name": self.new_name }), &sentence)
    }
}
