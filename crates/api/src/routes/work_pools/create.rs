use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_store::work_pools;
use sluice_wire::work_pools::WorkPoolCreate;

use super::job_variable_defaults;
use super::lookup::is_reserved;
use super::view::WorkPoolView;
use crate::extract::{Body, Caller, Workspace};
use crate::responses::created;
use crate::{ApiError, App};

/// `POST /work_pools/`: 403 for reserved names, 409 for names that are taken.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    Body(pool): Body<WorkPoolCreate>,
) -> Result<Response, ApiError> {
    if is_reserved(&pool.name) {
        return Err(ApiError::detail(
            StatusCode::FORBIDDEN,
            "Work pools starting with 'Prefect' are reserved for internal use.",
        ));
    }
    job_variable_defaults::check(&app, workspace, &pool.base_job_template).await?;
    let now = app.clock.now();
    let pool = app
        .store
        .write((workspace, pool, now), |tx, (workspace, pool, now)| {
            Box::pin(async move {
                if work_pools::read_by_name(tx, *workspace, &pool.name).await?.is_some() {
                    return Err(ApiError::conflict("A work pool with this name already exists."));
                }
                Ok(work_pools::create(tx, *workspace, pool, *now).await?)
            })
        })
        .await?;
    Ok(created(WorkPoolView::new(pool, &caller.client)))
}
