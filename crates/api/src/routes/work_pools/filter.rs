use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_store::work_pools;
use sluice_wire::filters::WorkPoolFilter;
use sluice_wire::numbers::NonNegative;

use super::view::WorkPoolView;
use crate::extract::{Caller, OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// Body of `POST /work_pools/filter`.
#[derive(Debug, Deserialize)]
pub struct FilterRequest {
    #[serde(default)]
    work_pools: Option<WorkPoolFilter>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default)]
    offset: Option<NonNegative>,
}

/// `POST /work_pools/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    OptionalBody(request): OptionalBody<FilterRequest>,
) -> Result<Json<Vec<WorkPoolView>>, ApiError> {
    let limit = page_limit(&app, request.limit)?;
    let offset = request.offset.map_or(0, NonNegative::get);
    let pools = app
        .store
        .read((workspace, request.work_pools, limit, offset), |tx, (workspace, filter, limit, offset)| {
            Box::pin(work_pools::filter(tx, *workspace, filter.as_ref(), *limit, *offset))
        })
        .await?;
    Ok(Json(pools.into_iter().map(|pool| WorkPoolView::new(pool, &caller.client)).collect()))
}
