//! `sluice automation inspect`

use super::AutomationName;
use clap::Args;

use crate::exit::Failure;
use crate::lookup;
use crate::output;
use crate::session::Session;

/// Show everything about an automation, or about all of one name
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
        let found = lookup::automations(session, self.automation.text()).await?;
        match found.as_slice() {
            [one] if self.json => output::print_json(one),
            [one] => session.printer.inspect(one),
            all if self.json || session.printer.is_json() => output::print_json(&all),
            all => {
                for (index, automation) in all.iter().enumerate() {
                    if index > 0 {
                        output::print("\n")?;
                    }
                    session.printer.inspect(automation)?;
                }
                Ok(())
            }
        }
    }
}
