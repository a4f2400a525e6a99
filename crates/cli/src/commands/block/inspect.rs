//! `sluice block inspect`

use clap::Args;

use super::BlockName;
use crate::exit::Failure;
use crate::session::Session;

/// Show everything about a block but its secrets
#[derive(Args)]
pub(super) struct Inspect {
    #[command(flatten)]
    block: BlockName,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let block = self.block.find(session).await?;
        if session.printer.is_json() {
            return session.printer.inspect(&block);
        }
        // The type and the schema say the same of every block of the type.
        let mut shown = serde_json::to_value(&block)?;
        if let Some(fields) = shown.as_object_mut() {
            fields.remove("block_type");
            fields.remove("block_schema");
        }
        session.printer.inspect(&shown)
    }
}
