use axum::Json;
use axum::extract::State;
use sluice_store::deployments;
use sluice_wire::deployments::Deployment;

use crate::extract::{PathText, Workspace};
use crate::{ApiError, App};

/// `GET /deployments/name/{flow_name}/{deployment_name}`
pub async fn read_by_name(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText((flow_name, name)): PathText<(String, String)>,
) -> Result<Json<Deployment>, ApiError> {
    let stored = app
        .store
        .read((workspace, flow_name, name), |tx, (workspace, flow_name, name)| {
            Box::pin(deployments::read_by_name(tx, *workspace, flow_name, name))
        })
        .await?;
    stored.map(|stored| Json(stored.deployment)).ok_or_else(|| ApiError::not_found("Deployment not found"))
}
