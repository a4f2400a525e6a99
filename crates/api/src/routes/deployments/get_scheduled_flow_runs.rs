use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_store::{Tx, deployments, flow_runs};
use sluice_wire::filters::{
    AnyOrNotFilter, DeploymentFilter, FlowRunFilter, FlowRunStateFilter, RelatedFilters, TimeFilter,
};
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::sorting::FlowRunSort;
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// Body of `POST /deployments/get_scheduled_flow_runs`.
#[derive(Debug, Clone, Deserialize)]
pub struct GetScheduledFlowRuns {
    deployment_ids: Vec<DeploymentId>,
    #[serde(default)]
    scheduled_before: Option<Timestamp>,
    #[serde(default)]
    limit: Option<i64>,
}

/// `POST /deployments/get_scheduled_flow_runs`: what a runner polls. Polling makes a deployment READY.
pub async fn get_scheduled_flow_runs(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<GetScheduledFlowRuns>,
) -> Result<Json<Vec<FlowRun>>, ApiError> {
    let limit = page_limit(&app, request.limit)?;
    let now = app.clock.now();
    let ids = request.deployment_ids.clone();
    let (runs, is_news) = app
        .store
        .read((workspace, request, limit, now), |tx, (workspace, request, limit, now)| {
            Box::pin(poll(tx, *workspace, request, *limit, *now))
        })
        .await?;
    if is_news {
        app.store
            .write((workspace, ids, now), |tx, (workspace, ids, now)| {
                Box::pin(deployments::mark_ready(tx, *workspace, ids, *now))
            })
            .await?;
    }
    Ok(Json(runs))
}

/// The runs, and whether the poll is worth noting.
async fn poll(
    tx: &mut Tx,
    workspace: WorkspaceId,
    request: &GetScheduledFlowRuns,
    limit: i64,
    now: Timestamp,
) -> Result<(Vec<FlowRun>, bool), ApiError> {
    let ids = AnyOrNotFilter { any_: Some(request.deployment_ids.clone()), ..AnyOrNotFilter::default() };
    let scheduled = AnyOrNotFilter { any_: Some(vec![StateType::Scheduled]), ..AnyOrNotFilter::default() };
    let filters = RelatedFilters {
        deployments: Some(DeploymentFilter { id: Some(ids), ..DeploymentFilter::default() }),
        flow_runs: Some(FlowRunFilter {
            state: Some(FlowRunStateFilter { r#type: Some(scheduled), ..FlowRunStateFilter::default() }),
            next_scheduled_start_time: Some(TimeFilter {
                before_: request.scheduled_before,
                ..TimeFilter::default()
            }),
            ..FlowRunFilter::default()
        }),
        ..RelatedFilters::default()
    };
    let sort = FlowRunSort::NextScheduledStartTimeAsc;
    let runs = flow_runs::filter(tx, workspace, &filters, sort, limit, 0, now).await?;
    let is_news = deployments::needs_mark(tx, workspace, &request.deployment_ids, now).await?;
    Ok((runs, is_news))
}
