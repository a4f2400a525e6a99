//! `sluice work-pool storage`

mod inspect;

use clap::Subcommand;

use crate::exit::Failure;
use crate::session::Session;

/// Look at where the code of flows that are submitted to a pool is stored
#[derive(Subcommand)]
pub(super) enum Verbs {
    Inspect(inspect::Inspect),
}

pub(super) async fn run(verb: Verbs, session: &Session) -> Result<(), Failure> {
    match verb {
        Verbs::Inspect(inspect) => inspect.run(session).await,
    }
}
