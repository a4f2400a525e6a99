use axum::extract::State;
use axum::response::Response;
use sluice_store::incidents;
use sluice_wire::ids::IncidentId;

use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /incidents/{id}`: whether it is resolved or not.
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<IncidentId>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let is_deleted = app
        .store
        .write((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(incidents::delete(tx, *workspace, *id, *now))
        })
        .await?;
    if is_deleted { Ok(no_content()) } else { Err(ApiError::not_found("Incident not found.")) }
}
