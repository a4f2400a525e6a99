//! `sluice automation inspect`

use super::AutomationName;
use clap::Args;

use crate::exit::Failure;
use crate::lookup;
use crate::output;
use crate::session::Session;

/// Show everything about an automation
#[derive(Args)]
pub(super) struct Inspect {
    #[command(flatten)]
    automation: AutomationName,
    /// The same as --output json
    #[arg(long, hide = true)]
    json: bool,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let automation = lookup::automation(session, self.automation.text()).await?;
        if self.json { output::print_json(&automation) } else { session.printer.inspect(&automation) }
    }
}
