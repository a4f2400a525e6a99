use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_store::block_types;
use sluice_wire::blocks::BlockTypeCreate;

use crate::extract::{Body, Workspace};
use crate::responses::created;
use crate::{ApiError, App};

/// `POST /block_types/`: 201 with the new type, 403 for reserved names, 409 when the slug is taken.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(block_type): Body<BlockTypeCreate>,
) -> Result<Response, ApiError> {
    if block_type.name.to_lowercase().starts_with("prefect") {
        return Err(ApiError::detail(
            StatusCode::FORBIDDEN,
            "Block type names beginning with 'Prefect' are reserved.",
        ));
    }
    let now = app.clock.now();
    let name = block_type.name.to_string();
    let block_type = app
        .store
        .write((workspace, block_type, now), |tx, (workspace, block_type, now)| {
            Box::pin(block_types::create(tx, *workspace, block_type, *now))
        })
        .await?;
    let taken = || ApiError::conflict(format!("Block type with name \"{name}\" already exists"));
    block_type.map(created).ok_or_else(taken)
}
