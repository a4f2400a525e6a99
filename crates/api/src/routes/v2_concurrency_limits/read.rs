use axum::Json;
use axum::extract::State;
use sluice_store::concurrency_limits::{self, Key};
use sluice_wire::concurrency_limits::GlobalConcurrencyLimit;

use crate::extract::{PathText, Workspace};
use crate::{ApiError, App};

/// `GET /v2/concurrency_limits/{id_or_name}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(id_or_name): PathText<String>,
) -> Result<Json<GlobalConcurrencyLimit>, ApiError> {
    let row = app
        .store
        .read((workspace, Key::parse(&id_or_name)), |tx, (workspace, key)| {
            Box::pin(concurrency_limits::read(tx, *workspace, key))
        })
        .await?;
    let row = row.ok_or_else(|| ApiError::not_found("Concurrency Limit not found"))?;
    Ok(Json(row.response(app.clock.now())))
}
