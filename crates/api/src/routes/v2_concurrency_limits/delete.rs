use axum::extract::State;
use axum::response::Response;
use sluice_store::concurrency_limits::{self, Key};

use crate::extract::{PathText, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /v2/concurrency_limits/{id_or_name}`
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(id_or_name): PathText<String>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let existed = app
        .store
        .write((workspace, Key::parse(&id_or_name), now), |tx, (workspace, key, now)| {
            Box::pin(concurrency_limits::delete(tx, *workspace, key, *now))
        })
        .await?;
    if existed { Ok(no_content()) } else { Err(ApiError::not_found("Concurrency Limit not found")) }
}
