use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use sluice_store::configuration;
use sluice_wire::ids::BlockDocumentId;
use sluice_wire::json::RawJson;

use crate::extract::{Body, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

const KEY: &str = "server-default-result-storage";

/// Body of `PUT /admin/storage`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageUpdate {
    default_result_storage_block_id: BlockDocumentId,
}

/// `GET /admin/storage`: the block that results are stored with when a flow names none.
pub async fn read_storage(
    State(app): State<App>,
    Workspace(workspace): Workspace,
) -> Result<Json<RawJson>, ApiError> {
    let stored =
        app.store.read(workspace, |tx, workspace| Box::pin(configuration::read(tx, *workspace, KEY))).await?;
    let unset = || RawJson::from_value(&json!({ "default_result_storage_block_id": Value::Null }));
    Ok(Json(stored.unwrap_or_else(|| unset().unwrap_or_default())))
}

/// `PUT /admin/storage`: 404, because the block cannot exist: this version stores no blocks.
pub async fn update_storage(Body(update): Body<StorageUpdate>) -> ApiError {
    ApiError::not_found(format!("Block document {} not found.", update.default_result_storage_block_id))
}

/// `DELETE /admin/storage`
pub async fn clear_storage(
    State(app): State<App>,
    Workspace(workspace): Workspace,
) -> Result<Response, ApiError> {
    app.store.write(workspace, |tx, workspace| Box::pin(configuration::delete(tx, *workspace, KEY))).await?;
    Ok(no_content())
}
