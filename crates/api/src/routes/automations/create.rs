use axum::extract::State;
use axum::response::Response;
use sluice_store::automations;
use sluice_wire::automations::AutomationCreate;

use super::checks;
use crate::extract::{Body, Workspace};
use crate::responses::created;
use crate::{ApiError, App};

/// `POST /automations/`: 201 with the new automation. The ids of its triggers are the server's, whatever was sent.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(mut create): Body<AutomationCreate>,
) -> Result<Response, ApiError> {
    checks::check_templates(&create.core)?;
    create.core.reset_trigger_ids();
    let now = app.clock.now();
    let automation = app
        .store
        .write((workspace, app.secrets.ring(), create, now), |tx, (workspace, keys, create, now)| {
            Box::pin(async move {
                checks::check_job_variables(tx, *workspace, keys, &create.core, true).await?;
                let owner = create.owner_resource.as_deref();
                Ok::<_, ApiError>(automations::create(tx, *workspace, &create.core, owner, *now).await?)
            })
        })
        .await?;
    Ok(created(automation))
}
