use axum::Json;
use axum::extract::State;
use sluice_store::task_runs;
use sluice_wire::filters::FilterRequest;
use sluice_wire::sorting::TaskRunSort;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /task_runs/count`
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<TaskRunSort>>,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read_snapshot((workspace, request.filters), |tx, (workspace, filters)| {
            Box::pin(task_runs::count(tx, *workspace, filters))
        })
        .await?;
    Ok(Json(count))
}
