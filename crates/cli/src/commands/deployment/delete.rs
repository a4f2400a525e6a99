//! `sluice deployment delete`

use clap::Args;
use serde_json::json;

use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Delete a deployment; its runs stay
#[derive(Args)]
pub(super) struct Delete {
    /// FLOW/DEPLOYMENT, its id, or what its id begins with
    #[arg(value_name = "DEPLOYMENT", required_unless_present_any = ["id", "all"])]
    name: Option<String>,
    /// Its id
    #[arg(long, value_name = "ID", conflicts_with = "name", hide = true)]
    id: Option<String>,
    /// Delete every deployment of the server
    #[arg(long, conflicts_with_all = ["name", "id"])]
    all: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        if self.all {
            return self.delete_all(session).await;
        }
        let text = self.name.as_deref().or(self.id.as_deref()).unwrap_or_default();
        let deployment = lookup::deployment(session, text).await?;
        self.confirmation.ask(&format!("delete deployment '{text}'"))?;
        session.client.delete_deployment(deployment.id).await?;
        session.printer.done(&deployment, &format!("Deleted deployment '{text}'."))
    }

    async fn delete_all(&self, session: &Session) -> Result<(), Failure> {
        let deployments = session.client.deployments(&json!({}), usize::MAX).await?;
        self.confirmation.ask(&format!("delete all {} deployments", deployments.len()))?;
        for deployment in &deployments {
            session.client.delete_deployment(deployment.id).await?;
        }
        session.printer.done(&deployments, &format!("Deleted {} deployments.", deployments.len()))
    }
}
