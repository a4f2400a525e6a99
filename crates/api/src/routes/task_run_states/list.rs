use axum::Json;
use axum::extract::State;
use sluice_store::task_runs;
use sluice_wire::ids::TaskRunId;
use sluice_wire::json::RawJson;

use crate::extract::{QueryId, Workspace};
use crate::{ApiError, App};

/// `GET /task_run_states/?task_run_id=`: the oldest first.
pub async fn list(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    query: QueryId,
) -> Result<Json<Vec<RawJson>>, ApiError> {
    let task_run_id: TaskRunId = query.required("task_run_id")?;
    let states = app
        .store
        .read((workspace, task_run_id), |tx, (workspace, task_run_id)| {
            Box::pin(task_runs::read_states(tx, *workspace, *task_run_id))
        })
        .await?;
    Ok(Json(states))
}
