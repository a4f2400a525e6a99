use axum::Json;
use axum::extract::State;
use sluice_store::block_types;
use sluice_wire::blocks::{BlockType, BlockTypeFilterRequest};

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /block_types/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<BlockTypeFilterRequest>,
) -> Result<Json<Vec<BlockType>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let found = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            let (types, schemas) = (request.block_types.as_ref(), request.block_schemas.as_ref());
            Box::pin(block_types::filter(tx, *workspace, types, schemas, *limit, request.page.offset))
        })
        .await?;
    Ok(Json(found))
}
