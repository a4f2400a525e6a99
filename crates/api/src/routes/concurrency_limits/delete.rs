use axum::Json;
use axum::extract::State;
use serde_json::Value;
use sluice_store::concurrency_limits::{self, Key};
use sluice_wire::ids::{ConcurrencyLimitId, WorkspaceId};

use super::view::{key_of, not_found};
use crate::extract::{Id, PathText, Workspace};
use crate::{ApiError, App};

/// `DELETE /concurrency_limits/{id}`: 200 with null.
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<ConcurrencyLimitId>,
) -> Result<Json<Value>, ApiError> {
    delete_key(&app, workspace, Key::Id(id)).await
}

/// `DELETE /concurrency_limits/tag/{tag}`: 200 with null.
pub async fn delete_by_tag(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(tag): PathText<String>,
) -> Result<Json<Value>, ApiError> {
    delete_key(&app, workspace, key_of(&tag)).await
}

async fn delete_key(app: &App, workspace: WorkspaceId, key: Key) -> Result<Json<Value>, ApiError> {
    let now = app.clock.now();
    let existed = app
        .store
        .write((workspace, key, now), |tx, (workspace, key, now)| {
            Box::pin(concurrency_limits::delete(tx, *workspace, key, *now))
        })
        .await?;
    if existed { Ok(Json(Value::Null)) } else { Err(not_found()) }
}
