use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value};
use sluice_store::flows;
use sluice_wire::flows::FlowIds;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /ui/flows/count-deployments`: the number of deployments by flow id.
pub async fn count_deployments(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(FlowIds { flow_ids }): OptionalBody<FlowIds>,
) -> Result<Json<Map<String, Value>>, ApiError> {
    let counts = app
        .store
        .read((workspace, flow_ids.clone()), |tx, (workspace, flow_ids)| {
            Box::pin(flows::count_deployments(tx, *workspace, flow_ids))
        })
        .await?;
    let count = |id| counts.get(id).copied().unwrap_or(0).into();
    Ok(Json(flow_ids.iter().map(|id| (id.to_string(), count(id))).collect()))
}
