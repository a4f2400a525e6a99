use axum::Json;
use axum::extract::State;
use sluice_store::artifacts;
use sluice_wire::artifacts::Artifact;

use crate::extract::{PathText, Workspace};
use crate::{ApiError, App};

/// `GET /artifacts/{key}/latest`
pub async fn read_latest(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(key): PathText<String>,
) -> Result<Json<Artifact>, ApiError> {
    let newest = app
        .store
        .read((workspace, key), |tx, (workspace, key)| Box::pin(artifacts::read_latest(tx, *workspace, key)))
        .await?;
    newest.map(|newest| Json(newest.into())).ok_or_else(|| ApiError::not_found("Artifact not found."))
}
