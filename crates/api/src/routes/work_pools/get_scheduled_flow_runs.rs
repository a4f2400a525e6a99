use axum::Json;
use axum::extract::State;
use sluice_store::work_pools::{self, ScheduledRuns};
use sluice_store::work_queues;
use sluice_wire::work_pools::{GetScheduledFlowRuns, WorkerFlowRun};

use super::lookup;
use crate::extract::{OptionalBody, PathText, Workspace, page_limit};
use crate::routes::work_queues::mark_polled;
use crate::{ApiError, App};

/// `POST /work_pools/{name}/get_scheduled_flow_runs`: what a worker may start now. It also shows that somebody polls
/// the queues and their deployments.
pub async fn get_scheduled_flow_runs(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(name): PathText<String>,
    OptionalBody(request): OptionalBody<GetScheduledFlowRuns>,
) -> Result<Json<Vec<WorkerFlowRun>>, ApiError> {
    let now = app.clock.now();
    let asked = ScheduledRuns {
        scheduled_before: request.scheduled_before,
        scheduled_after: request.scheduled_after,
        limit: page_limit(&app, request.limit)?,
    };
    let queue_names = request.work_queue_names.unwrap_or_default();
    let (queues, runs) = app
        .store
        .read((workspace, name, queue_names, asked, now), |tx, (workspace, name, queue_names, asked, now)| {
            Box::pin(async move {
                let pool = lookup::pool(tx, *workspace, name).await?;
                let mut queues = Vec::new();
                if queue_names.is_empty() {
                    queues = work_queues::of_pool(tx, *workspace, pool.id).await?;
                }
                for name in queue_names {
                    queues.push(lookup::queue(tx, *workspace, &pool, name).await?);
                }
                let runs = work_pools::scheduled_runs(tx, *workspace, &pool, &queues, *asked, *now).await?;
                Ok::<_, ApiError>((queues, runs))
            })
        })
        .await?;
    mark_polled(&app, workspace, queues, now).await;
    Ok(Json(runs))
}
