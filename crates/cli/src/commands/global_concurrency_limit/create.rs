//! `sluice global-concurrency-limit create`

use super::find;
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Create a global concurrency limit
#[derive(Args)]
pub(super) struct Create {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// How many slots it has
    #[arg(long, short = 'l', value_name = "NUMBER")]
    limit: i64,
    /// Let it limit nothing yet
    #[arg(long)]
    disable: bool,
    /// How many slots are taken from the beginning
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    active_slots: i64,
    /// How many slots are freed by themselves each second
    #[arg(long, value_name = "NUMBER", default_value_t = 0.0)]
    slot_decay_per_second: f64,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let body = json!({
            "name": self.name,
            "limit": self.limit,
            "active": !self.disable,
            "active_slots": self.active_slots,
            "slot_decay_per_second": self.slot_decay_per_second,
        });
        session.client.create_global_limit(&body).await?;
        let limit = find(session, &self.name).await?;
        session.printer.done(&limit, &format!("Created global concurrency limit '{}'.", self.name))
    }
}
