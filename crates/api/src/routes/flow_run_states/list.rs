use axum::Json;
use axum::extract::State;
use sluice_store::flow_runs;
use sluice_wire::ids::FlowRunId;
use sluice_wire::json::RawJson;

use crate::extract::{QueryId, Workspace};
use crate::{ApiError, App};

/// `GET /flow_run_states/?flow_run_id=`: the oldest first.
pub async fn list(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    query: QueryId,
) -> Result<Json<Vec<RawJson>>, ApiError> {
    let flow_run_id: FlowRunId = query.required("flow_run_id")?;
    let states = app
        .store
        .read((workspace, flow_run_id), |tx, (workspace, flow_run_id)| {
            Box::pin(flow_runs::read_states(tx, *workspace, *flow_run_id))
        })
        .await?;
    Ok(Json(states))
}
