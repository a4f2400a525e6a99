use axum::extract::State;
use axum::response::Response;
use sluice_store::workers;

use crate::extract::{PathText, Workspace};
use crate::responses::no_content;
use crate::routes::work_pools::lookup;
use crate::{ApiError, App};

/// `DELETE /work_pools/{work_pool_name}/workers/{name}`
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText((pool_name, name)): PathText<(String, String)>,
) -> Result<Response, ApiError> {
    let existed = app
        .store
        .write((workspace, pool_name, name), |tx, (workspace, pool_name, name)| {
            Box::pin(async move {
                let pool = lookup::pool(tx, *workspace, pool_name).await?;
                Ok::<_, ApiError>(workers::delete(tx, *workspace, pool.id, name).await?)
            })
        })
        .await?;
    if existed { Ok(no_content()) } else { Err(ApiError::not_found("Worker not found.")) }
}
