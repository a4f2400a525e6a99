//! `sluice global-concurrency-limit update`

use super::change;
use clap::Args;
use serde_json::{Map, json};

use crate::exit::Failure;
use crate::session::Session;

/// Change a global concurrency limit
#[derive(Args)]
pub(super) struct Update {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// How many slots it has
    #[arg(long, short = 'l', value_name = "NUMBER")]
    limit: Option<i64>,
    /// Let it limit
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Let it limit nothing
    #[arg(long)]
    disable: bool,
    /// How many slots are taken
    #[arg(long, value_name = "NUMBER")]
    active_slots: Option<i64>,
    /// How many slots are freed by themselves each second
    #[arg(long, value_name = "NUMBER")]
    slot_decay_per_second: Option<f64>,
}

impl Update {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut body = Map::new();
        if let Some(limit) = self.limit {
            body.insert("limit".to_owned(), json!(limit));
        }
        if self.enable || self.disable {
            body.insert("active".to_owned(), json!(self.enable));
        }
        if let Some(slots) = self.active_slots {
            body.insert("active_slots".to_owned(), json!(slots));
        }
        if let Some(decay) = self.slot_decay_per_second {
            body.insert("slot_decay_per_second".to_owned(), json!(decay));
        }
        if body.is_empty() {
            return Err(Failure::usage("nothing is to be changed; pass --limit or another of the options"));
        }
        let sentence = format!("Changed global concurrency limit '{}'.", self.name);
        change(session, &self.name, &body.into(), &sentence).await
    }
}
