use axum::Json;
use axum::extract::State;
use sluice_store::work_queues;
use sluice_wire::ids::WorkQueueId;
use sluice_wire::time::TimeDelta;
use sluice_wire::work_queues::{HealthCheckPolicy, WorkQueueStatusDetail};

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

const MAXIMUM_LATE_RUNS: i64 = 0;
const MAXIMUM_SECONDS_SINCE_LAST_POLLED: i64 = 60;

/// `GET /work_queues/{id}/status`: healthy is a queue without late runs that was polled in the last minute.
pub async fn status(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<WorkQueueId>,
) -> Result<Json<WorkQueueStatusDetail>, ApiError> {
    let (queue, late_runs_count) = app
        .store
        .read((workspace, id), |tx, (workspace, id)| {
            Box::pin(async move {
                let queue = work_queues::read(tx, *workspace, *id).await?.ok_or_else(|| {
                    ApiError::object_not_found(format!("Work queue with id {id} not found"))
                })?;
                let late_runs = work_queues::late_runs(tx, queue.id).await?;
                Ok::<_, ApiError>((queue, late_runs))
            })
        })
        .await?;
    let longest = TimeDelta::from_secs(MAXIMUM_SECONDS_SINCE_LAST_POLLED);
    let was_polled_lately = queue.last_polled.is_some_and(|polled| app.clock.now().since(polled) <= longest);
    Ok(Json(WorkQueueStatusDetail {
        healthy: late_runs_count <= MAXIMUM_LATE_RUNS && was_polled_lately,
        late_runs_count,
        last_polled: queue.last_polled,
        health_check_policy: HealthCheckPolicy {
            maximum_late_runs: Some(MAXIMUM_LATE_RUNS),
            maximum_seconds_since_last_polled: Some(MAXIMUM_SECONDS_SINCE_LAST_POLLED),
        },
    }))
}
