//! `sluice work-queue pause`

use super::{QueueName, change};
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Let a work queue hand out no more runs
#[derive(Args)]
pub(super) struct Pause {
    #[command(flatten)]
    queue: QueueName,
}

impl Pause {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        change(session, &self.queue, &json!({ "is_paused": true }), "is paused").await
    }
}
