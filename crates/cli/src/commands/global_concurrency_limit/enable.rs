//! `sluice global-concurrency-limit enable`

use super::change;
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Let a global concurrency limit limit again
#[derive(Args)]
pub(super) struct Enable {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
}

impl Enable {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let sentence = format!("Global concurrency limit '{}' limits again.", self.name);
        change(session, &self.name, &json!({ "active": true }), &sentence).await
    }
}
