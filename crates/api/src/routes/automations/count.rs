use axum::Json;
use axum::extract::State;
use sluice_store::automations;
use sluice_wire::automations::AutomationFilterRequest;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /automations/count`
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<AutomationFilterRequest>,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read((workspace, request), |tx, (workspace, request)| {
            Box::pin(automations::count(tx, *workspace, request.automations.as_ref()))
        })
        .await?;
    Ok(Json(count))
}
