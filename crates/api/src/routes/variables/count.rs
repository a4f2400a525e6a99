use axum::Json;
use axum::extract::State;
use sluice_store::variables;
use sluice_wire::variables::VariableFilterRequest;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /variables/count`
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<VariableFilterRequest>,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read((workspace, request), |tx, (workspace, request)| {
            Box::pin(variables::count(tx, *workspace, request.variables.as_ref()))
        })
        .await?;
    Ok(Json(count))
}
