use axum::extract::State;
use axum::response::Response;
use sluice_store::task_runs;
use sluice_wire::ids::TaskRunId;

use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::routes::run_logs;
use crate::{ApiError, App};

/// `DELETE /task_runs/{id}`
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<TaskRunId>,
) -> Result<Response, ApiError> {
    let existed = app
        .store
        .write((workspace, id), |tx, (workspace, id)| Box::pin(task_runs::delete(tx, *workspace, *id)))
        .await?;
    if !existed {
        return Err(ApiError::not_found("Task not found"));
    }
    run_logs::delete_of_task_run(&app, workspace, id).await;
    Ok(no_content())
}
