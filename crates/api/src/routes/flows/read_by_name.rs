use axum::Json;
use axum::extract::State;
use sluice_store::flows;
use sluice_wire::flows::Flow;

use crate::extract::{PathText, Workspace};
use crate::{ApiError, App};

/// `GET /flows/name/{name}`
pub async fn read_by_name(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(name): PathText<String>,
) -> Result<Json<Flow>, ApiError> {
    let flow = app
        .store
        .read((workspace, name), |tx, (workspace, name)| Box::pin(flows::read_by_name(tx, *workspace, name)))
        .await?;
    flow.map(Json).ok_or_else(|| ApiError::not_found("Flow not found"))
}
