//! `sluice work-queue set-concurrency-limit`

use super::{QueueName, change};
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Limit how many runs of a work queue run at a time
#[derive(Args)]
pub(super) struct SetConcurrencyLimit {
    #[command(flatten)]
    queue: QueueName,
    /// How many
    #[arg(value_name = "LIMIT")]
    limit: i64,
}

impl SetConcurrencyLimit {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let what = format!("runs at most {} runs at a time", self.limit);
        change(session, &self.queue, &json!({ "concurrency_limit": self.limit }), &what).await
    }
}
