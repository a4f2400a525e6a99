use axum::Json;
use axum::extract::State;
use sluice_store::{StoreError, flow_runs};
use sluice_wire::filters::{FilterRequest, Paginated};
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::sorting::FlowRunSort;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /flow_runs/paginate`
pub async fn paginate(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<FlowRunSort>>,
) -> Result<Json<Paginated<FlowRun>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let page = request.page.page;
    let now = app.clock.now();
    let (runs, count) = app
        .store
        .read_snapshot((workspace, request, limit, now), |tx, (workspace, request, limit, now)| {
            Box::pin(async move {
                let offset = (request.page.page - 1).saturating_mul(*limit);
                let (filters, sort) = (&request.filters, request.sort);
                let runs = flow_runs::filter(tx, *workspace, filters, sort, *limit, offset, *now).await?;
                Ok::<_, StoreError>((runs, flow_runs::count(tx, *workspace, filters).await?))
            })
        })
        .await?;
    Ok(Json(Paginated::new(runs, count, limit, page)))
}
