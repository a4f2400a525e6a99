//! `sluice work-queue create`

use clap::Args;
use serde_json::json;

use crate::commands::work_pool;
use crate::exit::Failure;
use crate::session::Session;

/// Add a queue to a work pool
#[derive(Args)]
pub(super) struct Create {
    /// Its name
    #[arg(value_name = "QUEUE")]
    name: String,
    /// The work pool
    #[arg(long, short = 'p', value_name = "POOL")]
    pool: String,
    /// How many of its runs run at a time
    #[arg(long, short = 'l', value_name = "NUMBER")]
    limit: Option<i64>,
    /// 1 comes before 2
    #[arg(long, short = 'q', value_name = "NUMBER")]
    priority: Option<i64>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        work_pool::find(session, &self.pool).await?;
        let mut body = json!({ "name": self.name });
        if let Some(limit) = self.limit {
            body["concurrency_limit"] = json!(limit);
        }
        if let Some(priority) = self.priority {
            body["priority"] = json!(priority);
        }
        if let Some(description) = &self.description {
            body["description"] = json!(description);
        }
        let queue = session.client.create_pool_queue(&self.pool, &body).await?;
        let sentence = format!("Created work queue '{}' of work pool '{}'.", self.name, self.pool);
        session.printer.done(&queue, &sentence)
    }
}
