use axum::Json;
use axum::extract::State;
use sluice_store::flow_runs;
use sluice_wire::filters::FilterRequest;
use sluice_wire::sorting::FlowRunSort;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /flow_runs/count`
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<FlowRunSort>>,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read_snapshot((workspace, request.filters), |tx, (workspace, filters)| {
            Box::pin(flow_runs::count(tx, *workspace, filters))
        })
        .await?;
    Ok(Json(count))
}
