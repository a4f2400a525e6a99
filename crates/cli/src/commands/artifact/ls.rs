//! `sluice artifact ls`

use clap::Args;
use serde_json::json;
use sluice_wire::ids::ArtifactId;
use sluice_wire::time::Timestamp;

use crate::exit::Failure;
use crate::output::Cell;
use crate::session::Session;

/// List artifacts: the newest of each key
#[derive(Args)]
pub(super) struct Ls {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    limit: usize,
    /// Every version of each
    #[arg(long, short = 'a')]
    all: bool,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let body = json!({ "sort": "CREATED_DESC" });
        if !self.all {
            let artifacts = session.client.latest_artifacts(&body, self.limit).await?;
            return session.printer.list("artifacts", &artifacts, &TITLES, |one| {
                row(one.latest_id, Some(&one.key), one.r#type.as_deref(), one.updated, session.printer.now)
            });
        }
        let artifacts = session.client.artifacts(&body, self.limit).await?;
        session.printer.list("artifacts", &artifacts, &TITLES, |one| {
            row(one.id, one.key.as_deref(), one.r#type.as_deref(), one.updated, session.printer.now)
        })
    }
}

const TITLES: [&str; 4] = ["ID", "KEY", "TYPE", "UPDATED"];

fn row(
    id: ArtifactId,
    key: Option<&str>,
    kind: Option<&str>,
    updated: Timestamp,
    now: Timestamp,
) -> Vec<Cell> {
    vec![Cell::id(id), Cell::optional(key), Cell::optional(kind), Cell::ago(Some(updated), now)]
}
