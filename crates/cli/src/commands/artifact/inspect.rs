//! `sluice artifact inspect`

use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Show the versions of an artifact, the newest first
#[derive(Args)]
pub(super) struct Inspect {
    /// Its key
    #[arg(value_name = "KEY")]
    key: String,
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    limit: usize,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let body = json!({ "artifacts": { "key": { "any_": [self.key] } }, "sort": "CREATED_DESC" });
        let artifacts = session.client.artifacts(&body, self.limit).await?;
        if artifacts.is_empty() {
            let latest = session.client.latest_artifacts(&json!({}), 1000).await?;
            let keys: Vec<String> = latest.into_iter().map(|artifact| artifact.key).collect();
            return Err(lookup::missing("artifact", &self.key, &keys, "sluice artifact ls"));
        }
        session.printer.inspect(&artifacts)
    }
}
