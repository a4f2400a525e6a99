use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_store::Tx;
use sluice_store::work_queues::{self, Deletion};
use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /work_queues/{id}`: 409 for a pool's default queue.
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<WorkQueueId>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(delete_queue(tx, *workspace, *id, *now))
        })
        .await?;
    Ok(no_content())
}

pub(in crate::routes) async fn delete_queue(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: WorkQueueId,
    now: Timestamp,
) -> Result<(), ApiError> {
    match work_queues::delete(tx, workspace, id, now).await? {
        Deletion::Done => Ok(()),
        Deletion::NotFound => Err(ApiError::not_found("work queue not found")),
        Deletion::IsDefaultQueue => {
            Err(ApiError::detail(StatusCode::CONFLICT, "Can't delete a pool's default queue."))
        }
    }
}
