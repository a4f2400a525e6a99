//! `sluice worker ls`

use clap::Args;
use serde_json::json;
use sluice_wire::workers::WorkerStatus;

use crate::commands::work_pool;
use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List workers
#[derive(Args)]
pub(super) struct Ls {
    /// Only those of this work pool
    #[arg(long, short = 'p', value_name = "POOL")]
    pool: Option<String>,
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    limit: usize,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let pools = match &self.pool {
            Some(pool) => vec![work_pool::find(session, pool).await?],
            None => session.client.work_pools(&json!({}), 1000).await?,
        };
        let (mut workers, mut rows) = (Vec::new(), Vec::new());
        for pool in &pools {
            for worker in session.client.workers(&pool.name, self.limit - workers.len()).await? {
                let (word, good) = match worker.status {
                    WorkerStatus::Online => ("online", true),
                    WorkerStatus::Offline => ("offline", false),
                };
                rows.push(vec![
                    Cell::text(&worker.name),
                    Cell::text(&pool.name),
                    Cell::status(word, good),
                    Cell::ago(worker.last_heartbeat_time, session.printer.now),
                ]);
                workers.push(worker);
            }
        }
        session.printer.rows("workers", &workers, &["NAME", "POOL", "STATUS", "LAST HEARD OF"], rows)
    }
}
