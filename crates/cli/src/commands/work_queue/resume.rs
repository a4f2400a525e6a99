//! `sluice work-queue resume`

use super::{QueueName, change};
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Let a work queue hand out runs again
#[derive(Args)]
pub(super) struct Resume {
    #[command(flatten)]
    queue: QueueName,
}

impl Resume {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        change(session, &self.queue, &json!({ "is_paused": false }), "is resumed").await
    }
}
