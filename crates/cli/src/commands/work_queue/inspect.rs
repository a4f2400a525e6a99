//! `sluice work-queue inspect`

use super::{QueueName, find};
use clap::Args;

use crate::exit::Failure;
use crate::session::Session;

/// Show everything about a work queue
#[derive(Args)]
pub(super) struct Inspect {
    #[command(flatten)]
    queue: QueueName,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        session.printer.inspect(&find(session, &self.queue).await?)
    }
}
