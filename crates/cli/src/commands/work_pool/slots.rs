//! `sluice work-pool slots`

use super::find;
use clap::Args;
use serde_json::Value;

use crate::commands::slots::{self, Holder};
use crate::exit::Failure;
use crate::session::Session;

/// Show which runs hold the slots of a work pool
#[derive(Args)]
pub(super) struct Slots {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
}

impl Slots {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        find(session, &self.name).await?;
        let status = session.client.work_pool_slots(&self.name).await?;
        let holders: Vec<Holder<'_>> =
            status["queues"].as_array().into_iter().flatten().flat_map(holders_of).collect();
        slots::print(&session.printer, &format!("Work pool '{}'", self.name), &status, &holders)
    }
}

fn holders_of(queue: &Value) -> Vec<Holder<'_>> {
    Holder::all(queue["queue_name"].as_str().unwrap_or_default(), &queue["flow_runs"])
}
