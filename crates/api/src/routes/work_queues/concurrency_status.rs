use axum::Json;
use axum::extract::State;
use sluice_store::work_queues::{self, SlotStates};
use sluice_wire::ids::WorkQueueId;
use sluice_wire::work_queues::{QueueConcurrencyStatusRequest, WorkQueueConcurrencyStatus};

use crate::extract::{Id, OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /work_queues/{id}/concurrency_status`: a page of the runs that hold the queue's slots.
pub async fn concurrency_status(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<WorkQueueId>,
    OptionalBody(request): OptionalBody<QueueConcurrencyStatusRequest>,
) -> Result<Json<WorkQueueConcurrencyStatus>, ApiError> {
    let now = app.clock.now();
    let limit = page_limit(&app, request.limit)?;
    let page = request.page.unwrap_or(1);
    let status = app
        .store
        .read((workspace, id, limit, page, now), |tx, (workspace, id, limit, page, now)| {
            Box::pin(async move {
                let queue = work_queues::read(tx, *workspace, *id)
                    .await?
                    .ok_or_else(|| ApiError::not_found("Work queue not found."))?;
                let states = SlotStates::OfQueues;
                let count = work_queues::count_slot_holders(tx, queue.id, states).await?;
                let offset = (page - 1).saturating_mul(*limit);
                let flow_runs =
                    work_queues::slot_holders(tx, *workspace, queue.id, states, *limit, offset, *now).await?;
                Ok::<_, ApiError>(WorkQueueConcurrencyStatus {
                    active_slots: count,
                    concurrency_limit: queue.concurrency_limit,
                    flow_runs,
                    count,
                    limit: *limit,
                    pages: page_count(count, *limit),
                    page: *page,
                })
            })
        })
        .await?;
    Ok(Json(status))
}

/// How many pages of `limit` hold `count`; none when pages are empty.
pub(in crate::routes) fn page_count(count: i64, limit: i64) -> i64 {
    if limit > 0 { (count + limit - 1) / limit } else { 0 }
}
