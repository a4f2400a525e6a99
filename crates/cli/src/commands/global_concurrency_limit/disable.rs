//! `sluice global-concurrency-limit disable`

use super::change;
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::session::Session;

/// Let a global concurrency limit limit nothing
#[derive(Args)]
pub(super) struct Disable {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
}

impl Disable {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let sentence = format!("Global concurrency limit '{}' limits nothing.", self.name);
        change(session, &self.name, &json!({ "active": false }), &sentence).await
    }
}
