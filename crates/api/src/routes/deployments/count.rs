use axum::Json;
use axum::extract::State;
use sluice_store::deployments;
use sluice_wire::filters::FilterRequest;
use sluice_wire::sorting::DeploymentSort;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /deployments/count`
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<DeploymentSort>>,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read((workspace, request), |tx, (workspace, request)| {
            Box::pin(deployments::count(tx, *workspace, &request.filters))
        })
        .await?;
    Ok(Json(count))
}
