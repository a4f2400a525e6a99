use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_wire::task_runs::TaskWorker;

use crate::extract::OptionalBody;
use crate::{ApiError, App};

/// Body of `POST /task_workers/filter`.
#[derive(Debug, Deserialize)]
pub struct TaskWorkersRequest {
    #[serde(default)]
    task_worker_filter: Option<TaskWorkerFilter>,
}

#[derive(Debug, Deserialize)]
struct TaskWorkerFilter {
    task_keys: Vec<String>,
}

/// `POST /task_workers/filter`: the workers of background tasks that are connected to this process.
pub async fn filter(
    State(app): State<App>,
    OptionalBody(request): OptionalBody<TaskWorkersRequest>,
) -> Result<Json<Vec<TaskWorker>>, ApiError> {
    let task_keys = request.task_worker_filter.map(|filter| filter.task_keys).unwrap_or_default();
    Ok(Json(app.task_workers.connected(&task_keys)))
}
