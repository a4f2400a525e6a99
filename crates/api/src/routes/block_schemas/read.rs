use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use sluice_store::block_schemas;
use sluice_wire::blocks::BlockSchema;
use sluice_wire::ids::BlockSchemaId;

use crate::extract::{Id, PathText, Workspace};
use crate::{ApiError, App};

/// `GET /block_schemas/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<BlockSchemaId>,
) -> Result<Json<BlockSchema>, ApiError> {
    let schema = app
        .store
        .read((workspace, id), |tx, (workspace, id)| Box::pin(block_schemas::read(tx, *workspace, *id)))
        .await?;
    schema.map(Json).ok_or_else(not_found)
}

/// Query of `GET /block_schemas/checksum/{checksum}`.
#[derive(Debug, Deserialize)]
pub struct WithVersion {
    version: Option<String>,
}

/// `GET /block_schemas/checksum/{checksum}`: the newest, unless a version is given.
pub async fn read_by_checksum(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(checksum): PathText<String>,
    Query(WithVersion { version }): Query<WithVersion>,
) -> Result<Json<BlockSchema>, ApiError> {
    let schema = app
        .store
        .read((workspace, checksum, version), |tx, (workspace, checksum, version)| {
            Box::pin(block_schemas::read_by_checksum(tx, *workspace, checksum, version.as_deref()))
        })
        .await?;
    schema.map(Json).ok_or_else(not_found)
}

pub(super) fn not_found() -> ApiError {
    ApiError::not_found("Block schema not found")
}
