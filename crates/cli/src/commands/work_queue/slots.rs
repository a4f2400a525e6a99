//! `sluice work-queue slots`

use super::{QueueName, find};
use clap::Args;

use crate::commands::slots::{self, Holder};
use crate::exit::Failure;
use crate::session::Session;

/// Show which runs hold the slots of a work queue
#[derive(Args)]
pub(super) struct Slots {
    #[command(flatten)]
    queue: QueueName,
}

impl Slots {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let queue = find(session, &self.queue).await?;
        let status = session.client.work_queue_slots(queue.id).await?;
        let holders = Holder::all(&queue.name, &status["flow_runs"]);
        slots::print(&session.printer, &format!("Work queue '{}'", queue.name), &status, &holders)
    }
}
