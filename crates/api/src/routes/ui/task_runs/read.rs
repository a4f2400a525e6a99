use axum::Json;
use axum::extract::State;
use sluice_store::task_runs;
use sluice_wire::ids::TaskRunId;
use sluice_wire::task_runs::NamedTaskRun;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /ui/task_runs/{id}`: with the name of the flow run.
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<TaskRunId>,
) -> Result<Json<NamedTaskRun>, ApiError> {
    let now = app.clock.now();
    let found = app
        .store
        .read((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(task_runs::read_with_flow_run_name(tx, *workspace, *id, *now))
        })
        .await?;
    let (run, flow_run_name) = found.ok_or_else(|| ApiError::not_found("Task not found"))?;
    Ok(Json(NamedTaskRun { run, flow_run_name }))
}
