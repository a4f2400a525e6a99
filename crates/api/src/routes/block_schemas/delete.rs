use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_store::block_schemas;
use sluice_wire::ids::BlockSchemaId;

use super::read::not_found;
use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /block_schemas/{id}`: with the documents that have it; 403 for schemas of protected types.
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<BlockSchemaId>,
) -> Result<Response, ApiError> {
    app.store
        .write((workspace, id), |tx, (workspace, id)| {
            Box::pin(async move {
                let schema = block_schemas::read(tx, *workspace, *id).await?.ok_or_else(not_found)?;
                if schema.block_type.is_some_and(|block_type| block_type.is_protected) {
                    return Err(ApiError::detail(
                        StatusCode::FORBIDDEN,
                        "Block schemas for protected block types cannot be deleted.",
                    ));
                }
                Ok(block_schemas::delete(tx, *workspace, *id).await?)
            })
        })
        .await?;
    Ok(no_content())
}
