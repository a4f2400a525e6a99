use axum::extract::State;
use axum::response::Response;
use sluice_store::task_runs;
use sluice_wire::ids::TaskRunId;
use sluice_wire::task_runs::TaskRunUpdate;

use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /task_runs/{id}`
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<TaskRunId>,
    Body(update): Body<TaskRunUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let exists = app
        .store
        .write((workspace, id, update, now), |tx, (workspace, id, update, now)| {
            Box::pin(task_runs::update(tx, *workspace, *id, update, *now))
        })
        .await?;
    if exists { Ok(no_content()) } else { Err(ApiError::not_found("Task run not found")) }
}
