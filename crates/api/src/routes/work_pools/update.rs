use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_store::work_pools;
use sluice_wire::patch::Patch;
use sluice_wire::work_pools::WorkPoolUpdate;

use super::lookup;
use crate::extract::{Body, PathText, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /work_pools/{name}`: only pause and concurrency limit may change on reserved pools (403).
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(name): PathText<String>,
    Body(update): Body<WorkPoolUpdate>,
) -> Result<Response, ApiError> {
    if lookup::is_reserved(&name) && update.changes_more_than_limits() {
        return Err(ApiError::detail(
            StatusCode::FORBIDDEN,
            "Work pools starting with 'Prefect' are reserved for internal use and can only be updated to set \
             concurrency limits or pause.",
        ));
    }
    if update.is_paused == Patch::Null || update.storage_configuration == Patch::Null {
        return Err(ApiError::integrity_conflict());
    }
    let now = app.clock.now();
    app.store
        .write((workspace, name, update, now), |tx, (workspace, name, update, now)| {
            Box::pin(async move {
                let pool = lookup::pool(tx, *workspace, name).await?;
                Ok::<_, ApiError>(work_pools::update(tx, *workspace, pool.id, update, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}
