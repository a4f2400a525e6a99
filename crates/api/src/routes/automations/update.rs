use axum::extract::State;
use axum::response::Response;
use sluice_store::automations;
use sluice_wire::automations::AutomationUpdate;
use sluice_wire::ids::AutomationId;

use super::{checks, no_such_automation};
use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PUT /automations/{id}`: writes all of it anew; its triggers start over.
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<AutomationId>,
    Body(AutomationUpdate(mut core)): Body<AutomationUpdate>,
) -> Result<Response, ApiError> {
    checks::check_templates(&core)?;
    core.reset_trigger_ids();
    let now = app.clock.now();
    app.store
        .write((workspace, app.secrets.ring(), id, core, now), |tx, (workspace, keys, id, core, now)| {
            Box::pin(async move {
                checks::check_job_variables(tx, *workspace, keys, core, false).await?;
                let automation =
                    automations::read(tx, *workspace, *id).await?.ok_or_else(no_such_automation)?;
                Ok::<_, ApiError>(automations::update(tx, *workspace, automation, core, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}
