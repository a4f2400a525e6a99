use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use sluice_store::task_runs;
use sluice_wire::ids::FlowRunId;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// More runs are not asked about at once.
const MOST: usize = 200;

/// Body of `POST /ui/flow_runs/count-task-runs`.
#[derive(Debug, Deserialize)]
pub struct FlowRuns {
    flow_run_ids: Vec<FlowRunId>,
}

/// `POST /ui/flow_runs/count-task-runs`: how many task runs each flow run has, without those that stand for
/// subflows.
pub async fn count_task_runs(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(FlowRuns { flow_run_ids }): OptionalBody<FlowRuns>,
) -> Result<Json<Map<String, Value>>, ApiError> {
    if flow_run_ids.len() > MOST {
        let message =
            format!("List should have at most {MOST} items after validation, not {}", flow_run_ids.len());
        return Err(ApiError::invalid_field(&["flow_run_ids"], "too_long", message, Value::Null));
    }
    let (counts, ids) = (
        app.store
            .read((workspace, flow_run_ids.clone()), |tx, (workspace, ids)| {
                Box::pin(task_runs::count_by_flow_run(tx, *workspace, ids))
            })
            .await?,
        flow_run_ids,
    );
    let entry = |id: &FlowRunId| (id.to_string(), counts.get(id).copied().unwrap_or(0).into());
    Ok(Json(ids.iter().map(entry).collect()))
}
