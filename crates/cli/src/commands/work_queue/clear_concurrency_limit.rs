//! `sluice work-queue clear-concurrency-limit`

use super::{QueueName, change};
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Let a work queue run as many runs as its pool does
#[derive(Args)]
pub(super) struct ClearConcurrencyLimit {
    #[command(flatten)]
    queue: QueueName,
}

impl ClearConcurrencyLimit {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        change(session, &self.queue, &json!({ "concurrency_limit": null }), "is not limited").await
    }
}
