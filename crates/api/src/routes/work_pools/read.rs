use axum::Json;
use axum::extract::State;

use super::lookup;
use super::view::WorkPoolView;
use crate::extract::{Caller, PathText, Workspace};
use crate::{ApiError, App};

/// `GET /work_pools/{name}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    PathText(name): PathText<String>,
) -> Result<Json<WorkPoolView>, ApiError> {
    let pool = app
        .store
        .read((workspace, name), |tx, (workspace, name)| Box::pin(lookup::pool(tx, *workspace, name)))
        .await?;
    Ok(Json(WorkPoolView::new(pool, &caller.client)))
}
