//! `sluice work-queue ls`

use clap::Args;
use serde_json::json;
use sluice_wire::work_queues::WorkQueueStatus;

use crate::commands::work_pool;
use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List work queues
#[derive(Args)]
pub(super) struct Ls {
    /// Only those of this work pool
    #[arg(long, short = 'p', value_name = "POOL")]
    pool: Option<String>,
    /// Only those whose names begin with this
    #[arg(long = "match", short = 'm', value_name = "PREFIX")]
    r#match: Option<String>,
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    limit: usize,
    /// Show their descriptions
    #[arg(long, short = 'v')]
    verbose: bool,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut queues = match &self.pool {
            Some(pool) => {
                work_pool::find(session, pool).await?;
                session.client.pool_queues(pool, self.limit).await?
            }
            None => session.client.work_queues(&json!({}), self.limit).await?,
        };
        let prefix = self.r#match.as_deref().unwrap_or_default();
        queues.retain(|queue| queue.name.starts_with(prefix));
        let titles: &[&str] = if self.verbose {
            &["NAME", "POOL", "PRIORITY", "LIMIT", "STATUS", "ID", "DESCRIPTION"]
        } else {
            &["NAME", "POOL", "PRIORITY", "LIMIT", "STATUS", "ID"]
        };
        session.printer.list("work queues", &queues, titles, |queue| {
            let pool = queue.work_pool_name.as_deref().or(self.pool.as_deref());
            let mut row = vec![
                Cell::text(&queue.name),
                Cell::optional(pool),
                Cell::exact(queue.priority),
                Cell::exact(queue.concurrency_limit.map(|limit| limit.to_string()).unwrap_or_default()),
                Cell::readiness(queue.is_paused, queue.status.map(|status| status == WorkQueueStatus::Ready)),
                Cell::id(queue.id),
            ];
            if self.verbose {
                row.push(Cell::optional(queue.description.as_deref()));
            }
            row
        })
    }
}
