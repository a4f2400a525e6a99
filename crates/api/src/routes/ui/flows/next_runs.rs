use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};
use sluice_store::flows;
use sluice_wire::flows::FlowIds;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /ui/flows/next-runs`: the next scheduled run, or null, by flow id.
pub async fn next_runs(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(FlowIds { flow_ids }): OptionalBody<FlowIds>,
) -> Result<Json<Map<String, Value>>, ApiError> {
    let runs = app
        .store
        .read((workspace, flow_ids.clone()), |tx, (workspace, flow_ids)| {
            Box::pin(flows::next_runs(tx, *workspace, flow_ids))
        })
        .await?;
    Ok(Json(flow_ids.iter().map(|id| (id.to_string(), json!(runs.get(id)))).collect()))
}
