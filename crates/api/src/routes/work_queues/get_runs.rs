use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use sluice_store::work_queues::{self, SlotStates};
use sluice_store::{Tx, flow_runs};
use sluice_wire::filters::{FlowRunFilter, RelatedFilters};
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::sorting::FlowRunSort;
use sluice_wire::time::Timestamp;
use sluice_wire::work_queues::{GetRuns, WorkQueue};
use uuid::Uuid;

use super::mark_polled::mark_polled;
use crate::extract::{Id, OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// Sent by the web interface, which looks but does not poll.
const LOOKS_ONLY: &str = "x-prefect-ui";

/// `POST /work_queues/{id}/get_runs`: what an agent may start now.
pub async fn get_runs(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<WorkQueueId>,
    headers: HeaderMap,
    OptionalBody(request): OptionalBody<GetRuns>,
) -> Result<Json<Vec<FlowRun>>, ApiError> {
    let now = app.clock.now();
    let limit = page_limit(&app, request.limit)?;
    let (queue, runs) = app
        .store
        .read(
            (workspace, id, request.scheduled_before, limit, now),
            |tx, (workspace, id, before, limit, now)| {
                Box::pin(async move {
                    let queue = work_queues::read(tx, *workspace, *id).await?.ok_or_else(|| {
                        ApiError::object_not_found(format!("Work queue with id {id} not found."))
                    })?;
                    let runs = runs_of(tx, *workspace, &queue, *before, *limit, *now).await?;
                    Ok::<_, ApiError>((queue, runs))
                })
            },
        )
        .await?;
    let looks_only = headers
        .get(LOOKS_ONLY)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| ["true", "1", "yes", "on", "t", "y"].contains(&&*value.to_ascii_lowercase()));
    if !looks_only {
        mark_polled(&app, workspace, vec![queue], now).await;
    }
    Ok(Json(runs))
}

async fn runs_of(
    tx: &mut Tx,
    workspace: WorkspaceId,
    queue: &WorkQueue,
    before: Option<Timestamp>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<FlowRun>, ApiError> {
    if queue.is_paused {
        return Ok(Vec::new());
    }
    if let Some(filter) = &queue.filter {
        let filter = filter.parse().unwrap_or_default();
        return runs_by_tags(tx, workspace, queue, &filter, before, limit, now).await;
    }
    let limit = match queue.concurrency_limit {
        None => limit,
        Some(most) => {
            let taken = work_queues::count_slot_holders(tx, queue.id, SlotStates::OfQueues).await?;
            limit.min((most - taken).max(0))
        }
    };
    Ok(flow_runs::due_in_queue(tx, workspace, queue.id, before, limit, now).await?)
}

/// How queues of old chose their runs.
#[derive(Debug, Default, Deserialize)]
struct QueueFilter {
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    deployment_ids: Option<Vec<Uuid>>,
}

async fn runs_by_tags(
    tx: &mut Tx,
    workspace: WorkspaceId,
    queue: &WorkQueue,
    filter: &QueueFilter,
    before: Option<Timestamp>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<FlowRun>, ApiError> {
    let limit = match queue.concurrency_limit {
        None => limit,
        Some(most) => {
            let active = related(filter, &["PENDING", "RUNNING"], None)?;
            limit.min((most - flow_runs::count(tx, workspace, &active).await?).max(0))
        }
    };
    let due = related(filter, &["SCHEDULED"], before)?;
    let sort = FlowRunSort::NextScheduledStartTimeAsc;
    Ok(flow_runs::filter(tx, workspace, &due, sort, limit, 0, now).await?)
}

fn related(
    filter: &QueueFilter,
    state_types: &[&str],
    before: Option<Timestamp>,
) -> Result<RelatedFilters, ApiError> {
    let criteria = serde_json::json!({
        "tags": {"all_": filter.tags},
        "deployment_id": {"any_": filter.deployment_ids, "is_null_": false},
        "state": {"type": {"any_": state_types}},
        "next_scheduled_start_time": {"before_": before},
    });
    let flow_runs = FlowRunFilter::deserialize(criteria).map_err(|error| {
        ApiError::unprocessable(format!("the filter of the queue cannot be used: {error}"))
    })?;
    Ok(RelatedFilters { flow_runs: Some(flow_runs), ..RelatedFilters::default() })
}
