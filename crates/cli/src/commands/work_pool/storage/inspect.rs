//! `sluice work-pool storage inspect`

use clap::Args;
use serde_json::Value;

use crate::commands::work_pool::find;
use crate::exit::Failure;
use crate::output;
use crate::session::Session;

/// Show the storage of a work pool
#[derive(Args)]
pub(in crate::commands::work_pool) struct Inspect {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let pool = serde_json::to_value(find(session, &self.name).await?)?;
        let storage = &pool["storage_configuration"];
        let is_empty = storage.as_object().is_none_or(|fields| fields.values().all(Value::is_null));
        if is_empty && !session.printer.is_json() {
            return output::print(&format!("Work pool '{}' has no storage of its own.\n", self.name));
        }
        session.printer.inspect(storage)
    }
}
