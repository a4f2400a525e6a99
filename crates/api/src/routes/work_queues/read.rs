use axum::Json;
use axum::extract::State;
use sluice_store::work_queues;
use sluice_wire::ids::WorkQueueId;
use sluice_wire::work_queues::WorkQueue;

use super::slots::with_slots;
use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /work_queues/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<WorkQueueId>,
) -> Result<Json<WorkQueue>, ApiError> {
    let queue = app
        .store
        .read((workspace, id), |tx, (workspace, id)| {
            Box::pin(async move {
                let queue = work_queues::read(tx, *workspace, *id).await?;
                Ok::<_, ApiError>(with_slots(tx, queue.into_iter().collect()).await?.pop())
            })
        })
        .await?;
    queue.map(Json).ok_or_else(|| ApiError::not_found("work queue not found"))
}
