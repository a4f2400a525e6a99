//! `sluice concurrency-limit ls`

use clap::Args;

use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List the limits of tags
#[derive(Args)]
pub(super) struct Ls {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    limit: usize,
    /// How many are passed over
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    offset: usize,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut limits = session.client.tag_limits(self.limit.saturating_add(self.offset)).await?;
        limits.drain(..self.offset.min(limits.len()));
        session.printer.list("concurrency limits", &limits, &["TAG", "LIMIT", "ACTIVE", "CREATED"], |limit| {
            vec![
                Cell::text(&limit.tag),
                Cell::exact(limit.concurrency_limit),
                Cell::exact(limit.active_slots.len()),
                Cell::ago(Some(limit.created), session.printer.now),
            ]
        })
    }
}
