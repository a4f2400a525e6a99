//! `/flow_runs/history` and `/task_runs/history`

use axum::Json;
use serde::Deserialize;
use sluice_store::run_history::{self, Intervals, RunKind};
use sluice_wire::filters::{
    DeploymentFilter, FlowFilter, FlowRunFilter, RelatedFilters, TaskRunFilter, WorkPoolFilter,
    WorkQueueFilter,
};
use sluice_wire::flow_runs::HistoryBucket;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::{ApiError, App};

/// Body of both routes. Here the filter of queues is called `work_queues`.
#[derive(Debug, Deserialize)]
pub struct HistoryRequest {
    history_start: Timestamp,
    history_end: Timestamp,
    history_interval_seconds: f64,
    #[serde(default)]
    flows: Option<FlowFilter>,
    #[serde(default)]
    flow_runs: Option<FlowRunFilter>,
    #[serde(default)]
    task_runs: Option<TaskRunFilter>,
    #[serde(default)]
    deployments: Option<DeploymentFilter>,
    #[serde(default)]
    work_pools: Option<WorkPoolFilter>,
    #[serde(default)]
    work_queues: Option<WorkQueueFilter>,
}

/// Counts runs by state and interval; 422 when the interval is shorter than a second.
pub(crate) async fn history(
    app: &App,
    workspace: WorkspaceId,
    kind: RunKind,
    request: HistoryRequest,
) -> Result<Json<Vec<HistoryBucket>>, ApiError> {
    let length = TimeDelta::from_secs_f64(request.history_interval_seconds);
    if length < TimeDelta::from_secs(1) {
        return Err(ApiError::unprocessable("History interval must not be less than 1 second."));
    }
    let intervals = Intervals { start: request.history_start, end: request.history_end, length };
    let filters = RelatedFilters {
        flows: request.flows,
        flow_runs: request.flow_runs,
        task_runs: request.task_runs,
        deployments: request.deployments,
        work_pools: request.work_pools,
        work_pool_queues: request.work_queues,
    };
    let now = app.clock.now();
    let buckets = app
        .store
        .read_snapshot(
            (workspace, kind, filters, intervals, now),
            |tx, (workspace, kind, filters, intervals, now)| {
                Box::pin(run_history::history(tx, *workspace, *kind, filters, *intervals, *now))
            },
        )
        .await?;
    Ok(Json(buckets))
}
