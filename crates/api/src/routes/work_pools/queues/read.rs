use axum::Json;
use axum::extract::State;
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
                let pool = lookup::pool(tx, *workspace, pool_name).await?;
                lookup::queue(tx, *workspace, &pool, name).await
            })
        })
        .await?;
    Ok(Json(queue))
}
