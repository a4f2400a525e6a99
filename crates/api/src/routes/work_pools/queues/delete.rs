use axum::extract::State;
use axum::response::Response;

use crate::extract::{PathText, Workspace};
use crate::responses::no_content;
use crate::routes::work_pools::lookup;
use crate::routes::work_queues::delete_queue;
use crate::{ApiError, App};

/// `DELETE /work_pools/{work_pool_name}/queues/{name}`
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText((pool_name, name)): PathText<(String, String)>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, pool_name, name, now), |tx, (workspace, pool_name, name, now)| {
            Box::pin(async move {
                let pool = lookup::pool(tx, *workspace, pool_name).await?;
                let queue = lookup::queue(tx, *workspace, &pool, name).await?;
                delete_queue(tx, *workspace, queue.id, *now).await
            })
        })
        .await?;
    Ok(no_content())
}
