use axum::Json;
use axum::extract::State;
use sluice_wire::work_pools::WorkPool;

use super::lookup;
use crate::extract::{PathText, Workspace};
use crate::{ApiError, App};

/// `GET /work_pools/{name}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(name): PathText<String>,
) -> Result<Json<WorkPool>, ApiError> {
    let pool = app
        .store
        .read((workspace, name), |tx, (workspace, name)| Box::pin(lookup::pool(tx, *workspace, name)))
        .await?;
    Ok(Json(pool))
}
