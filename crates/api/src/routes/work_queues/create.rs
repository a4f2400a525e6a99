use axum::extract::State;
use axum::response::Response;
use sluice_store::work_pools::{self, DEFAULT_AGENT_POOL};
use sluice_store::work_queues;
use sluice_wire::work_queues::WorkQueueCreate;

use crate::extract::{Body, Workspace};
use crate::responses::created;
use crate::{ApiError, App};

/// `POST /work_queues/`: a queue of the pool that queues without a pool belong to, which is created with the first.
/// 409 when it has a queue of this name; `default` alone may be asked for when the pool comes into being with it.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(queue): Body<WorkQueueCreate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let queue = app
        .store
        .write((workspace, queue, now), |tx, (workspace, queue, now)| {
            Box::pin(async move {
                let pool = work_pools::read_by_name(tx, *workspace, DEFAULT_AGENT_POOL).await?;
                let (pool, is_new) = match pool {
                    Some(pool) => (pool, false),
                    None => (work_pools::ensure_default_agent_pool(tx, *workspace, *now).await?, true),
                };
                let existing = work_queues::read_by_name(tx, *workspace, pool.id, &queue.name).await?;
                match existing {
                    Some(existing) if is_new => Ok(existing),
                    Some(_) => Err(ApiError::conflict("A work queue with this name already exists.")),
                    None => Ok(work_queues::create(tx, *workspace, &pool, queue, *now).await?),
                }
            })
        })
        .await?;
    Ok(created(queue))
}
