use axum::Json;
use axum::extract::State;
use sluice_store::work_pools;
use sluice_store::work_queues::{self, SlotStates};
use sluice_wire::numbers::NonNegative;
use sluice_wire::work_pools::{PoolConcurrencyStatusRequest, QueueSlots, WorkPoolConcurrencyStatus};

use crate::extract::{OptionalBody, PathText, Workspace, page_limit};
use crate::routes::work_queues::page_count;
use crate::{ApiError, App};

const DEFAULT_FLOW_RUN_LIMIT: i64 = 10;
const MAXIMUM_FLOW_RUN_LIMIT: i64 = 200;

/// `POST /work_pools/{name}/concurrency_status`: a page of queues with the runs that hold their slots.
pub async fn concurrency_status(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(name): PathText<String>,
    OptionalBody(request): OptionalBody<PoolConcurrencyStatusRequest>,
) -> Result<Json<WorkPoolConcurrencyStatus>, ApiError> {
    let now = app.clock.now();
    let limit = page_limit(&app, request.limit)?;
    let page = request.page.unwrap_or(1);
    let run_limit = request.flow_run_limit.map_or(DEFAULT_FLOW_RUN_LIMIT, NonNegative::get);
    if run_limit > MAXIMUM_FLOW_RUN_LIMIT {
        return Err(ApiError::invalid_field(
            &["flow_run_limit"],
            "less_than_equal",
            "Input should be less than or equal to 200",
            run_limit.into(),
        ));
    }
    let status = app
        .store
        .read(
            (workspace, name, limit, page, run_limit, now),
            |tx, (workspace, name, limit, page, run_limit, now)| {
                Box::pin(async move {
                    let pool = work_pools::read_by_name(tx, *workspace, name)
                        .await?
                        .ok_or_else(|| ApiError::not_found(format!("Work pool '{name}' not found.")))?;
                    let offset = (page - 1).saturating_mul(*limit);
                    let page_of_queues =
                        work_queues::filter(tx, *workspace, Some(pool.id), None, *limit, offset).await?;
                    let count = work_queues::count_of_pool(tx, *workspace, pool.id).await?;
                    let mut queues = Vec::with_capacity(page_of_queues.len());
                    for queue in page_of_queues {
                        let states = SlotStates::OfPools;
                        let taken = work_queues::count_slot_holders(tx, queue.id, states).await?;
                        let flow_runs =
                            work_queues::slot_holders(tx, *workspace, queue.id, states, *run_limit, 0, *now);
                        queues.push(QueueSlots {
                            queue_id: queue.id,
                            queue_name: queue.name,
                            active_slots: taken,
                            concurrency_limit: queue.concurrency_limit,
                            flow_runs: flow_runs.await?,
                            flow_run_count: taken,
                        });
                    }
                    Ok::<_, ApiError>(WorkPoolConcurrencyStatus {
                        active_slots: work_pools::taken(tx, pool.id).await?,
                        concurrency_limit: pool.concurrency_limit,
                        queues,
                        count,
                        limit: *limit,
                        pages: page_count(count, *limit),
                        page: *page,
                    })
                })
            },
        )
        .await?;
    Ok(Json(status))
}
