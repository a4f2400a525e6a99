use axum::Json;
use axum::extract::State;
use sluice_store::block_types;
use sluice_wire::blocks::BlockType;
use sluice_wire::ids::BlockTypeId;

use crate::extract::{Id, PathText, Workspace};
use crate::{ApiError, App};

/// `GET /block_types/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<BlockTypeId>,
) -> Result<Json<BlockType>, ApiError> {
    let block_type = app
        .store
        .read((workspace, id), |tx, (workspace, id)| Box::pin(block_types::read(tx, *workspace, *id)))
        .await?;
    block_type.map(Json).ok_or_else(not_found)
}

/// `GET /block_types/slug/{slug}`
pub async fn read_by_slug(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(slug): PathText<String>,
) -> Result<Json<BlockType>, ApiError> {
    let block_type = app
        .store
        .read((workspace, slug), |tx, (workspace, slug)| {
            Box::pin(block_types::read_by_slug(tx, *workspace, slug))
        })
        .await?;
    block_type.map(Json).ok_or_else(not_found)
}

pub(super) fn not_found() -> ApiError {
    ApiError::not_found("Block type not found")
}
