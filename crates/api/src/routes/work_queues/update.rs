use axum::extract::State;
use axum::response::Response;
use sluice_store::work_queues;
use sluice_wire::ids::WorkQueueId;
use sluice_wire::work_queues::WorkQueueUpdate;

use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /work_queues/{id}`
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<WorkQueueId>,
    Body(update): Body<WorkQueueUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let exists = app
        .store
        .write((workspace, id, update, now), |tx, (workspace, id, update, now)| {
            Box::pin(work_queues::update(tx, *workspace, *id, update, *now))
        })
        .await?;
    if exists { Ok(no_content()) } else { Err(ApiError::not_found(format!("Work Queue {id} not found"))) }
}
