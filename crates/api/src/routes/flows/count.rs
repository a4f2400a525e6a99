use axum::Json;
use axum::extract::State;
use sluice_store::flows;
use sluice_wire::filters::FilterRequest;
use sluice_wire::sorting::FlowSort;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /flows/count`
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<FlowSort>>,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read((workspace, request.filters), |tx, (workspace, filters)| {
            Box::pin(flows::count(tx, *workspace, filters))
        })
        .await?;
    Ok(Json(count))
}
