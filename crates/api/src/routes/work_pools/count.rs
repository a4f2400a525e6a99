use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_store::work_pools;
use sluice_wire::filters::WorkPoolFilter;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// Body of `POST /work_pools/count`.
#[derive(Debug, Deserialize)]
pub struct CountRequest {
    #[serde(default)]
    work_pools: Option<WorkPoolFilter>,
}

/// `POST /work_pools/count`
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<CountRequest>,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read((workspace, request.work_pools), |tx, (workspace, filter)| {
            Box::pin(work_pools::count(tx, *workspace, filter.as_ref()))
        })
        .await?;
    Ok(Json(count))
}
