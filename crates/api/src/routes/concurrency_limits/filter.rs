use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_store::concurrency_limits;
use sluice_wire::concurrency_limits::ConcurrencyLimit;
use sluice_wire::numbers::NonNegative;

use super::view::{TAG_PREFIX, view};
use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// Body of `POST /concurrency_limits/filter`.
#[derive(Debug, Deserialize)]
pub struct FilterRequest {
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default)]
    offset: Option<NonNegative>,
}

/// `POST /concurrency_limits/filter`: by tag.
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest>,
) -> Result<Json<Vec<ConcurrencyLimit>>, ApiError> {
    let limit = page_limit(&app, request.limit)?;
    let offset = request.offset.map_or(0, NonNegative::get);
    let now = app.clock.now();
    let limits = app
        .store
        .read((workspace, limit, offset, now), |tx, (workspace, limit, offset, now)| {
            Box::pin(async move {
                let rows = concurrency_limits::of_prefix(tx, *workspace, TAG_PREFIX, *limit, *offset).await?;
                let mut limits = Vec::with_capacity(rows.len());
                for row in rows {
                    limits.extend(view(tx, *workspace, &row, *now).await?);
                }
                Ok::<_, ApiError>(limits)
            })
        })
        .await?;
    Ok(Json(limits))
}
