use axum::Json;
use axum::extract::State;
use sluice_store::flows;
use sluice_wire::filters::FilterRequest;
use sluice_wire::flows::Flow;
use sluice_wire::sorting::FlowSort;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /flows/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<FlowSort>>,
) -> Result<Json<Vec<Flow>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let found = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            let offset = request.page.offset;
            Box::pin(flows::filter(tx, *workspace, &request.filters, request.sort, *limit, offset))
        })
        .await?;
    Ok(Json(found))
}
