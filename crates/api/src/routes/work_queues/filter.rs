use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_store::work_queues;
use sluice_wire::filters::WorkQueueFilter;
use sluice_wire::numbers::NonNegative;
use sluice_wire::work_queues::WorkQueue;

use super::slots::with_slots;
use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// Body of `POST /work_queues/filter`.
#[derive(Debug, Deserialize)]
pub struct FilterRequest {
    #[serde(default)]
    pub(in crate::routes) work_queues: Option<WorkQueueFilter>,
    #[serde(default)]
    pub(in crate::routes) limit: Option<i64>,
    #[serde(default)]
    pub(in crate::routes) offset: Option<NonNegative>,
}

/// `POST /work_queues/filter`: by name.
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest>,
) -> Result<Json<Vec<WorkQueue>>, ApiError> {
    let limit = page_limit(&app, request.limit)?;
    let offset = request.offset.map_or(0, NonNegative::get);
    let queues = app
        .store
        .read((workspace, request.work_queues, limit, offset), |tx, (workspace, filter, limit, offset)| {
            Box::pin(async move {
                let queues =
                    work_queues::filter(tx, *workspace, None, filter.as_ref(), *limit, *offset).await?;
                Ok::<_, ApiError>(with_slots(tx, queues).await?)
            })
        })
        .await?;
    Ok(Json(queues))
}
