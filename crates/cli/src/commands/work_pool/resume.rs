//! `sluice work-pool resume`

use super::change;
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Let a work pool hand out runs again
#[derive(Args)]
pub(super) struct Resume {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
}

impl Resume {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let sentence = format!("Work pool '{}' is resumed.", self.name);
        change(session, &self.name, &json!({ "is_paused": false }), &sentence).await
    }
}
