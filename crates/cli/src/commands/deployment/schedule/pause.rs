//! `sluice deployment schedule pause`

use clap::Args;

use super::switch;
use crate::exit::Failure;
use crate::session::Session;

/// Let a schedule, or all of them, make no more runs
#[derive(Args)]
pub(in crate::commands::deployment) struct Pause {
    /// FLOW/DEPLOYMENT, its id, or what its id begins with
    #[arg(value_name = "DEPLOYMENT")]
    deployment: String,
    /// The id or slug of the schedule
    #[arg(value_name = "SCHEDULE", required_unless_present = "all")]
    schedule: Option<String>,
    /// All schedules of the deployment
    #[arg(long, conflicts_with = "schedule")]
    all: bool,
}

impl Pause {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        switch(session, &self.deployment, self.schedule.as_deref(), false).await
    }
}
