use axum::Json;
use axum::extract::State;
use sluice_store::work_queues;
use sluice_wire::work_queues::WorkQueue;

use super::slots::with_slots;
use crate::extract::{PathText, Workspace};
use crate::{ApiError, App};

/// `GET /work_queues/name/{name}`: of the pool that queues without a pool belong to.
pub async fn read_by_name(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(name): PathText<String>,
) -> Result<Json<WorkQueue>, ApiError> {
    let queue = app
        .store
        .read((workspace, name), |tx, (workspace, name)| {
            Box::pin(async move {
                let queue = work_queues::read_without_pool(tx, *workspace, name).await?;
                Ok::<_, ApiError>(with_slots(tx, queue.into_iter().collect()).await?.pop())
            })
        })
        .await?;
    queue.map(Json).ok_or_else(|| ApiError::not_found("work queue not found"))
}
