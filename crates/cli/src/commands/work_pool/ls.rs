//! `sluice work-pool ls`

use clap::Args;
use serde_json::json;
use sluice_wire::work_pools::WorkPoolStatus;

use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List work pools
#[derive(Args)]
pub(super) struct Ls {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    limit: usize,
    /// Show their descriptions
    #[arg(long, short = 'v')]
    verbose: bool,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let pools = session.client.work_pools(&json!({}), self.limit).await?;
        let titles: &[&str] = if self.verbose {
            &["NAME", "TYPE", "STATUS", "LIMIT", "ID", "DESCRIPTION"]
        } else {
            &["NAME", "TYPE", "STATUS", "LIMIT", "ID"]
        };
        session.printer.list("work pools", &pools, titles, |pool| {
            let mut row = vec![
                Cell::text(&pool.name),
                Cell::text(&pool.r#type),
                Cell::readiness(pool.is_paused, pool.status.map(|status| status == WorkPoolStatus::Ready)),
                Cell::exact(pool.concurrency_limit.map(|limit| limit.to_string()).unwrap_or_default()),
                Cell::id(pool.id),
            ];
            if self.verbose {
                row.push(Cell::optional(pool.description.as_deref()));
            }
            row
        })
    }
}
