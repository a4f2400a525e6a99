use axum::Json;
use axum::extract::State;
use sluice_store::task_runs;
use sluice_wire::ids::TaskRunId;
use sluice_wire::task_runs::TaskRun;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /task_runs/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<TaskRunId>,
) -> Result<Json<TaskRun>, ApiError> {
    let now = app.clock.now();
    let run = app
        .store
        .read((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(task_runs::read(tx, *workspace, *id, *now))
        })
        .await?;
    run.map(Json).ok_or_else(|| ApiError::not_found("Task not found"))
}
