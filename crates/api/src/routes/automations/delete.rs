use axum::extract::State;
use axum::response::Response;
use sluice_store::automations;
use sluice_wire::ids::AutomationId;

use super::no_such_automation;
use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /automations/{id}`
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<AutomationId>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(async move {
                let automation =
                    automations::read(tx, *workspace, *id).await?.ok_or_else(no_such_automation)?;
                Ok::<_, ApiError>(automations::delete(tx, *workspace, &automation, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}
