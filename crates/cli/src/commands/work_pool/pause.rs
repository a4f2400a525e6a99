//! `sluice work-pool pause`

use super::change;
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Let a work pool hand out no more runs
#[derive(Args)]
pub(super) struct Pause {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
}

impl Pause {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let sentence = format!("Work pool '{}' is paused.", self.name);
        change(session, &self.name, &json!({ "is_paused": true }), &sentence).await
    }
}
