use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_store::concurrency_limits;
use sluice_wire::concurrency_limits::GlobalConcurrencyLimit;
use sluice_wire::numbers::NonNegative;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// Body of `POST /v2/concurrency_limits/filter`.
#[derive(Debug, Deserialize)]
pub struct FilterRequest {
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default)]
    offset: Option<NonNegative>,
}

/// `POST /v2/concurrency_limits/filter`: by name.
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest>,
) -> Result<Json<Vec<GlobalConcurrencyLimit>>, ApiError> {
    let limit = page_limit(&app, request.limit)?;
    let offset = request.offset.map_or(0, NonNegative::get);
    let rows = app
        .store
        .read((workspace, limit, offset), |tx, (workspace, limit, offset)| {
            Box::pin(concurrency_limits::filter(tx, *workspace, *limit, *offset))
        })
        .await?;
    let now = app.clock.now();
    Ok(Json(rows.iter().map(|row| row.response(now)).collect()))
}
