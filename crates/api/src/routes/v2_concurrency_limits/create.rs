use axum::extract::State;
use axum::response::Response;
use sluice_store::concurrency_limits;
use sluice_wire::concurrency_limits::ConcurrencyLimitV2Create;

use crate::extract::{Body, Workspace};
use crate::responses::created;
use crate::{ApiError, App};

/// `POST /v2/concurrency_limits/`: 409 when the name is taken.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(limit): Body<ConcurrencyLimitV2Create>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let row = app
        .store
        .write((workspace, limit, now), |tx, (workspace, limit, now)| {
            Box::pin(concurrency_limits::create(tx, *workspace, limit, *now))
        })
        .await?;
    Ok(created(row.created_response()))
}
