//! `sluice work-pool clear-concurrency-limit`

use super::change;
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Let a work pool run as many runs as its workers take
#[derive(Args)]
pub(super) struct ClearConcurrencyLimit {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
}

impl ClearConcurrencyLimit {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let sentence = format!("Work pool '{}' runs as many runs as its workers take.", self.name);
        change(session, &self.name, &json!({ "concurrency_limit": null }), &sentence).await
    }
}
