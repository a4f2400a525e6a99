use axum::Json;
use axum::extract::State;
use sluice_store::flows;
use sluice_wire::flows::Flow;
use sluice_wire::ids::FlowId;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /flows/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<FlowId>,
) -> Result<Json<Flow>, ApiError> {
    let flow = app
        .store
        .read((workspace, id), |tx, (workspace, id)| Box::pin(flows::read(tx, *workspace, *id)))
        .await?;
    flow.map(Json).ok_or_else(|| ApiError::not_found("Flow not found"))
}
