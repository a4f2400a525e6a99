use axum::Json;
use axum::extract::State;
use sluice_store::task_runs;
use sluice_wire::filters::FilterRequest;

use sluice_wire::sorting::TaskRunSort;
use sluice_wire::task_runs::TaskRun;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /task_runs/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<TaskRunSort>>,
) -> Result<Json<Vec<TaskRun>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let now = app.clock.now();
    let runs = app
        .store
        .read((workspace, request, limit, now), |tx, (workspace, request, limit, now)| {
            let offset = request.page.offset;
            Box::pin(task_runs::filter(tx, *workspace, &request.filters, request.sort, *limit, offset, *now))
        })
        .await?;
    Ok(Json(runs))
}
