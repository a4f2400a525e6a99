use axum::Json;
use axum::extract::State;
use sluice_store::concurrency_limits::{self, Key};
use sluice_wire::concurrency_limits::ConcurrencyLimit;
use sluice_wire::ids::{ConcurrencyLimitId, WorkspaceId};

use super::view::{key_of, not_found, view};
use crate::extract::{Id, PathText, Workspace};
use crate::{ApiError, App};

/// `GET /concurrency_limits/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<ConcurrencyLimitId>,
) -> Result<Json<ConcurrencyLimit>, ApiError> {
    read_key(&app, workspace, Key::Id(id)).await
}

/// `GET /concurrency_limits/tag/{tag}`
pub async fn read_by_tag(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(tag): PathText<String>,
) -> Result<Json<ConcurrencyLimit>, ApiError> {
    read_key(&app, workspace, key_of(&tag)).await
}

async fn read_key(app: &App, workspace: WorkspaceId, key: Key) -> Result<Json<ConcurrencyLimit>, ApiError> {
    let now = app.clock.now();
    let limit = app
        .store
        .read((workspace, key, now), |tx, (workspace, key, now)| {
            Box::pin(async move {
                match concurrency_limits::read(tx, *workspace, key).await? {
                    Some(row) => view(tx, *workspace, &row, *now).await,
                    None => Ok(None),
                }
            })
        })
        .await?;
    limit.map(Json).ok_or_else(not_found)
}
