use axum::Json;
use axum::extract::State;
use sluice_store::automations;
use sluice_wire::automations::Automation;

use crate::extract::{PathText, Workspace};
use crate::{ApiError, App};

/// `GET /automations/related-to/{resource_id}`
pub async fn related_to(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(resource_id): PathText<String>,
) -> Result<Json<Vec<Automation>>, ApiError> {
    let found = app
        .store
        .read((workspace, resource_id), |tx, (workspace, resource_id)| {
            Box::pin(automations::related_to(tx, *workspace, resource_id))
        })
        .await?;
    Ok(Json(found))
}
