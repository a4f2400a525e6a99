use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_store::block_types;
use sluice_wire::ids::BlockTypeId;

use super::read::not_found;
use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /block_types/{id}`: with its schemas and documents; 403 for protected types.
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<BlockTypeId>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(async move {
                let block_type = block_types::read(tx, *workspace, *id).await?.ok_or_else(not_found)?;
                if block_type.is_protected {
                    return Err(ApiError::detail(
                        StatusCode::FORBIDDEN,
                        "protected block types cannot be deleted.",
                    ));
                }
                Ok(block_types::delete(tx, *workspace, &block_type, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}
