use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_store::workers;
use sluice_wire::filters::WorkerFilter;
use sluice_wire::numbers::NonNegative;
use sluice_wire::workers::Worker;

use crate::extract::{OptionalBody, PathText, Workspace, page_limit};
use crate::routes::work_pools::lookup;
use crate::{ApiError, App};

/// Body of `POST /work_pools/{work_pool_name}/workers/filter`.
#[derive(Debug, Deserialize)]
pub struct FilterRequest {
    #[serde(default)]
    workers: Option<WorkerFilter>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default)]
    offset: Option<NonNegative>,
}

/// `POST /work_pools/{work_pool_name}/workers/filter`: the worker heard of last comes first.
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(pool_name): PathText<String>,
    OptionalBody(request): OptionalBody<FilterRequest>,
) -> Result<Json<Vec<Worker>>, ApiError> {
    let limit = page_limit(&app, request.limit)?;
    let offset = request.offset.map_or(0, NonNegative::get);
    let workers = app
        .store
        .read(
            (workspace, pool_name, request, limit, offset),
            |tx, (workspace, pool_name, request, limit, offset)| {
                Box::pin(async move {
                    let pool = lookup::pool(tx, *workspace, pool_name).await?;
                    let workers =
                        workers::filter(tx, *workspace, pool.id, request.workers.as_ref(), *limit, *offset);
                    Ok::<_, ApiError>(workers.await?)
                })
            },
        )
        .await?;
    Ok(Json(workers))
}
