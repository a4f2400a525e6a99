use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_store::work_pools;

use super::lookup;
use crate::extract::{PathText, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /work_pools/{name}`: 403 for reserved pools.
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(name): PathText<String>,
) -> Result<Response, ApiError> {
    if lookup::is_reserved(&name) {
        return Err(ApiError::detail(
            StatusCode::FORBIDDEN,
            "Work pools starting with 'Prefect' are reserved for internal use and can not be deleted.",
        ));
    }
    let now = app.clock.now();
    app.store
        .write((workspace, name, now), |tx, (workspace, name, now)| {
            Box::pin(async move {
                let pool = lookup::pool(tx, *workspace, name).await?;
                Ok::<_, ApiError>(work_pools::delete(tx, *workspace, pool.id, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}
