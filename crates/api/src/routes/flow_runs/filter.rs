use axum::Json;
use axum::extract::State;
use sluice_store::flow_runs;
use sluice_wire::filters::FilterRequest;
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::sorting::FlowRunSort;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /flow_runs/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<FlowRunSort>>,
) -> Result<Json<Vec<FlowRun>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let now = app.clock.now();
    let runs = app
        .store
        .read_snapshot((workspace, request, limit, now), |tx, (workspace, request, limit, now)| {
            let offset = request.page.offset;
            Box::pin(flow_runs::filter(tx, *workspace, &request.filters, request.sort, *limit, offset, *now))
        })
        .await?;
    Ok(Json(runs))
}
