use axum::extract::State;
use axum::response::Response;
use sluice_store::work_queues;
use sluice_wire::work_queues::WorkQueueUpdate;

use crate::extract::{Body, PathText, Workspace};
use crate::responses::no_content;
use crate::routes::work_pools::lookup;
use crate::{ApiError, App};

/// `PATCH /work_pools/{work_pool_name}/queues/{name}`
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText((pool_name, name)): PathText<(String, String)>,
    Body(update): Body<WorkQueueUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, pool_name, name, update, now), |tx, (workspace, pool_name, name, update, now)| {
            Box::pin(async move {
                let pool = lookup::pool(tx, *workspace, pool_name).await?;
                let queue = lookup::queue(tx, *workspace, &pool, name).await?;
                Ok::<_, ApiError>(work_queues::update(tx, *workspace, queue.id, update, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}
