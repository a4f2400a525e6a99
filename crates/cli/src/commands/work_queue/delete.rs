//! `sluice work-queue delete`

use super::{QueueName, find};
use clap::Args;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::session::Session;

/// Delete a work queue
#[derive(Args)]
pub(super) struct Delete {
    #[command(flatten)]
    queue: QueueName,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let queue = find(session, &self.queue).await?;
        self.confirmation.ask(&format!("delete work queue '{}'", queue.name))?;
        session.client.delete_work_queue(queue.id).await?;
        session.printer.done(&queue, &format!("Deleted work queue '{}'.", queue.name))
    }
}
