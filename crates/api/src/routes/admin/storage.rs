use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use sluice_store::block_documents;
use sluice_store::result_storage::{self, DefaultResultStorage};
use sluice_wire::ids::BlockDocumentId;

use crate::extract::{Body, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// What a block must be able to do for results to be stored with it.
const CAPABILITY: &str = "write-path";

/// Body of `PUT /admin/storage`.
#[derive(Debug, Deserialize)]
pub struct StorageUpdate {
    default_result_storage_block_id: BlockDocumentId,
}

/// `GET /admin/storage`: the block that results are stored with when a flow names none.
pub async fn read_storage(
    State(app): State<App>,
    Workspace(workspace): Workspace,
) -> Result<Json<DefaultResultStorage>, ApiError> {
    let storage =
        app.store.read(workspace, |tx, workspace| Box::pin(result_storage::read(tx, *workspace))).await?;
    Ok(Json(storage))
}

/// `PUT /admin/storage`: 404 when the block does not exist, 422 when it cannot store results.
pub async fn update_storage(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(update): Body<StorageUpdate>,
) -> Result<Json<DefaultResultStorage>, ApiError> {
    let (now, keys) = (app.clock.now(), app.secrets.ring());
    let id = update.default_result_storage_block_id;
    let storage = app
        .store
        .write((workspace, keys, id, now), |tx, (workspace, keys, id, now)| {
            Box::pin(async move {
                let document = block_documents::read(tx, *workspace, keys, *id, false).await?;
                let document =
                    document.ok_or_else(|| ApiError::not_found(format!("Block document {id} not found.")))?;
                let can_store = document
                    .block_schema
                    .is_some_and(|schema| schema.capabilities.iter().any(|known| known == CAPABILITY));
                if !can_store {
                    let message = format!("Block document {id} cannot be used for result storage.");
                    return Err(ApiError::unprocessable(message));
                }
                Ok(result_storage::set(tx, *workspace, *id, *now).await?)
            })
        })
        .await?;
    Ok(Json(storage))
}

/// `DELETE /admin/storage`
pub async fn clear_storage(
    State(app): State<App>,
    Workspace(workspace): Workspace,
) -> Result<Response, ApiError> {
    app.store.write(workspace, |tx, workspace| Box::pin(result_storage::clear(tx, *workspace))).await?;
    Ok(no_content())
}
