use axum::Json;
use axum::extract::State;
use sluice_store::incidents;
use sluice_wire::incidents::IncidentFilterRequest;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /incidents/count`
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<IncidentFilterRequest>,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read((workspace, request), |tx, (workspace, request)| {
            Box::pin(incidents::count(tx, *workspace, request.incidents.as_ref()))
        })
        .await?;
    Ok(Json(count))
}
