use axum::extract::State;
use axum::response::Response;
use sluice_store::work_queues;
use sluice_wire::work_queues::WorkQueueCreate;

use crate::extract::{Body, PathText, Workspace};
use crate::responses::created;
use crate::routes::work_pools::lookup;
use crate::{ApiError, App};

/// `POST /work_pools/{work_pool_name}/queues`: 409 when the pool has a queue of this name.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(pool_name): PathText<String>,
    Body(queue): Body<WorkQueueCreate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let queue = app
        .store
        .write((workspace, pool_name, queue, now), |tx, (workspace, pool_name, queue, now)| {
            Box::pin(async move {
                let pool = lookup::pool(tx, *workspace, pool_name).await?;
                if work_queues::read_by_name(tx, *workspace, pool.id, &queue.name).await?.is_some() {
                    return Err(ApiError::conflict(format!(
                        "A work queue with this name already exists in work pool '{pool_name}'."
                    )));
                }
                Ok(work_queues::create(tx, *workspace, &pool, queue, *now).await?)
            })
        })
        .await?;
    Ok(created(queue))
}
