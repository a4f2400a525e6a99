use axum::Json;
use axum::extract::State;
use sluice_store::work_pools;
use sluice_wire::work_queues::WorkQueue;

use crate::extract::{PathText, Workspace};
use crate::routes::work_pools::lookup;
use crate::{ApiError, App};

/// `GET /work_pools/{work_pool_name}/queues/{name}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText((pool_name, name)): PathText<(String, String)>,
) -> Result<Json<WorkQueue>, ApiError> {
    let queue = app
        .store
        .read((workspace, pool_name, name), |tx, (workspace, pool_name, name)| {
            Box::pin(async move {
                // Of a pool that is missing, the queue is what is told to be missing.
                let pool = work_pools::read_by_name(tx, *workspace, pool_name).await?.ok_or_else(|| {
                    ApiError::not_found(format!("Work pool queue '{pool_name}/{name}' not found."))
                })?;
                lookup::queue(tx, *workspace, &pool, name).await
            })
        })
        .await?;
    Ok(Json(queue))
}
