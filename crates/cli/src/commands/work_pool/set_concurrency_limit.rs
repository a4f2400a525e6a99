//! `sluice work-pool set-concurrency-limit`

use super::change;
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Limit how many runs a work pool runs at a time
#[derive(Args)]
pub(super) struct SetConcurrencyLimit {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
    /// How many
    #[arg(value_name = "LIMIT")]
    concurrency_limit: i64,
}

impl SetConcurrencyLimit {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let limit = self.concurrency_limit;
        let sentence = format!("Work pool '{}' runs at most {limit} runs at a time.", self.name);
        change(session, &self.name, &json!({ "concurrency_limit": limit }), &sentence).await
    }
}
