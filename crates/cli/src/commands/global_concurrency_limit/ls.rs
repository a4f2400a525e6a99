//! `sluice global-concurrency-limit ls`

use clap::Args;

use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List global concurrency limits
#[derive(Args)]
pub(super) struct Ls {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    limit: usize,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let limits = session.client.global_limits(self.limit).await?;
        let titles = ["NAME", "ACTIVE", "LIMIT", "TAKEN", "DECAY", "CREATED"];
        session.printer.list("global concurrency limits", &limits, &titles, |limit| {
            vec![
                Cell::text(&limit.name),
                Cell::status(if limit.active { "yes" } else { "no" }, limit.active),
                Cell::exact(limit.limit),
                Cell::exact(limit.active_slots),
                Cell::exact(limit.slot_decay_per_second),
                Cell::ago(Some(limit.created), session.printer.now),
            ]
        })
    }
}
