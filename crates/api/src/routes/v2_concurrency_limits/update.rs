use axum::extract::State;
use axum::response::Response;
use sluice_store::concurrency_limits::{self, Key};
use sluice_wire::concurrency_limits::ConcurrencyLimitV2Update;

use crate::extract::{Body, PathText, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /v2/concurrency_limits/{id_or_name}`
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(id_or_name): PathText<String>,
    Body(update): Body<ConcurrencyLimitV2Update>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let exists = app
        .store
        .write((workspace, Key::parse(&id_or_name), update, now), |tx, (workspace, key, update, now)| {
            Box::pin(concurrency_limits::update(tx, *workspace, key, update, *now))
        })
        .await?;
    if exists { Ok(no_content()) } else { Err(ApiError::not_found("Concurrency Limit not found")) }
}
