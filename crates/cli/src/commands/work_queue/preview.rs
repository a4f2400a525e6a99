//! `sluice work-queue preview`

use super::{QueueName, find};
use clap::Args;

use crate::commands::scheduled_runs::preview;
use crate::exit::Failure;
use crate::session::Session;

/// Show the runs that a work queue is about to hand out
#[derive(Args)]
pub(super) struct Preview {
    #[command(flatten)]
    queue: QueueName,
    /// How far to look ahead
    #[arg(long, value_name = "HOURS", default_value_t = 1)]
    hours: i64,
}

impl Preview {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let queue = find(session, &self.queue).await?;
        let Some(pool) = self.queue.pool.clone().or(queue.work_pool_name) else {
            return Err(Failure::usage("pass --pool, the work pool that the queue is of"));
        };
        preview(session, &pool, &[queue.name], self.hours).await
    }
}
