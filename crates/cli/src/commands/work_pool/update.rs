//! `sluice work-pool update`

use std::path::PathBuf;

use super::{change, template};
use clap::Args;
use serde_json::{Map, json};

use crate::exit::Failure;
use crate::session::Session;

/// Change a work pool
#[derive(Args)]
pub(super) struct Update {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
    /// A file with its base job template, as JSON
    #[arg(long, value_name = "FILE")]
    base_job_template: Option<PathBuf>,
    /// How many runs it runs at a time
    #[arg(long, value_name = "NUMBER")]
    concurrency_limit: Option<i64>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

impl Update {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut body = Map::new();
        if let Some(path) = &self.base_job_template {
            body.insert("base_job_template".to_owned(), template(path)?);
        }
        if let Some(limit) = self.concurrency_limit {
            body.insert("concurrency_limit".to_owned(), json!(limit));
        }
        if let Some(description) = &self.description {
            body.insert("description".to_owned(), json!(description));
        }
        if body.is_empty() {
            return Err(Failure::usage(
                "nothing is to be changed; pass --description or another of the options",
            ));
        }
        change(session, &self.name, &body.into(), &format!("Changed work pool '{}'.", self.name)).await
    }
}
