use axum::Json;
use axum::extract::State;
use sluice_store::work_queues;
use sluice_wire::numbers::NonNegative;
use sluice_wire::work_queues::WorkQueue;

use crate::extract::{OptionalBody, PathText, Workspace, page_limit};
use crate::routes::work_pools::lookup;
use crate::routes::work_queues::FilterRequest;
use crate::{ApiError, App};

/// `POST /work_pools/{work_pool_name}/queues/filter`: by priority.
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(pool_name): PathText<String>,
    OptionalBody(request): OptionalBody<FilterRequest>,
) -> Result<Json<Vec<WorkQueue>>, ApiError> {
    let limit = page_limit(&app, request.limit)?;
    let offset = request.offset.map_or(0, NonNegative::get);
    let queues = app
        .store
        .read(
            (workspace, pool_name, request, limit, offset),
            |tx, (workspace, pool_name, request, limit, offset)| {
                Box::pin(async move {
                    let pool = lookup::pool(tx, *workspace, pool_name).await?;
                    let filter = request.work_queues.as_ref();
                    let queues = work_queues::filter(tx, *workspace, Some(pool.id), filter, *limit, *offset);
                    Ok::<_, ApiError>(queues.await?)
                })
            },
        )
        .await?;
    Ok(Json(queues))
}
