//! `sluice artifact delete`

use clap::Args;
use serde_json::json;
use sluice_wire::ids::ArtifactId;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::session::Session;

/// Delete an artifact: every version of a key, or one by its id
#[derive(Args)]
pub(super) struct Delete {
    /// Its key
    #[arg(value_name = "KEY", required_unless_present = "id")]
    key: Option<String>,
    /// The id of one version
    #[arg(long, value_name = "ID", conflicts_with = "key")]
    id: Option<ArtifactId>,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let (what, filter) = match (&self.key, self.id) {
            (Some(key), _) => (format!("artifact '{key}'"), json!({ "key": { "any_": [key] } })),
            (None, Some(id)) => (format!("artifact {id}"), json!({ "id": { "any_": [id] } })),
            (None, None) => return Err(Failure::usage("name an artifact by its key or with --id")),
        };
        let artifacts = session.client.artifacts(&json!({ "artifacts": filter }), usize::MAX).await?;
        if artifacts.is_empty() {
            return Err(Failure::not_found(format!(
                "no {what}; `sluice artifact ls` shows those that there are"
            )));
        }
        self.confirmation.ask(&format!("delete {what} ({} versions)", artifacts.len()))?;
        for artifact in &artifacts {
            session.client.delete_artifact(artifact.id).await?;
        }
        session.printer.done(&artifacts, &format!("Deleted {what}."))
    }
}
