//! `sluice config unset`

use clap::Args;
use serde_json::json;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::profiles::ProfilesFile;
use crate::session::Printer;

/// Remove settings from the profile in use
#[derive(Args)]
pub(super) struct Unset {
    /// The names of the settings
    #[arg(value_name = "SETTING", required = true)]
    settings: Vec<String>,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Unset {
    pub(super) fn run(self, printer: &Printer, profile: Option<&str>) -> Result<(), Failure> {
        let mut file = ProfilesFile::read()?;
        let name = file.unset(profile, &self.settings)?;
        let what = format!("{} from profile '{name}'", self.settings.join(", "));
        self.confirmation.ask(&format!("remove {what}"))?;
        file.write()?;
        printer.done(&json!(self.settings), &format!("Removed {what}."))
    }
}
