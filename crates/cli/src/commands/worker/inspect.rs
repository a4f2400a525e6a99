//! `sluice worker inspect`

use clap::Args;
use serde_json::json;
use sluice_wire::workers::Worker;

use crate::commands::work_pool;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Show everything about a worker
#[derive(Args)]
pub(super) struct Inspect {
    /// Its name, or its id
    #[arg(value_name = "WORKER")]
    name: String,
    /// The work pool that it is of
    #[arg(long, short = 'p', value_name = "POOL")]
    pool: Option<String>,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let pools = match &self.pool {
            Some(pool) => vec![work_pool::find(session, pool).await?],
            None => session.client.work_pools(&json!({}), 1000).await?,
        };
        let mut all = Vec::new();
        for pool in &pools {
            all.extend(session.client.workers(&pool.name, 1000).await?);
        }
        let names: Vec<String> = all.iter().map(|worker| worker.name.clone()).collect();
        let id = |worker: &Worker| worker.id.to_string();
        let named =
            all.into_iter().filter(|worker| worker.name == self.name || id(worker) == self.name).collect();
        let found = lookup::only("worker", &self.name, named, id)?;
        let missing = || lookup::missing("worker", &self.name, &names, "sluice worker ls");
        session.printer.inspect(&found.ok_or_else(missing)?)
    }
}
