//! `sluice work-pool preview`

use super::find;
use clap::Args;

use crate::commands::scheduled_runs::preview;
use crate::exit::Failure;
use crate::session::Session;

/// Show the runs that a work pool is about to hand out
#[derive(Args)]
pub(super) struct Preview {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
    /// How far to look ahead
    #[arg(long, value_name = "HOURS", default_value_t = 1)]
    hours: i64,
}

impl Preview {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        find(session, &self.name).await?;
        preview(session, &self.name, &[], self.hours).await
    }
}
