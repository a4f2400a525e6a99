use axum::Json;
use axum::extract::State;
use sluice_store::task_runs;
use sluice_wire::filters::FilterRequest;
use sluice_wire::sorting::TaskRunSort;
use sluice_wire::task_runs::CountByState;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /ui/task_runs/count`: how many are in each state.
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<TaskRunSort>>,
) -> Result<Json<CountByState>, ApiError> {
    let counts = app
        .store
        .read_snapshot((workspace, request.filters), |tx, (workspace, filters)| {
            Box::pin(task_runs::count_by_state(tx, *workspace, filters))
        })
        .await?;
    Ok(Json(counts))
}
