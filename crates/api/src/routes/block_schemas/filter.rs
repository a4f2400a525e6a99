use axum::Json;
use axum::extract::State;
use sluice_store::block_schemas;
use sluice_wire::blocks::{BlockSchema, BlockSchemaFilterRequest};

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /block_schemas/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<BlockSchemaFilterRequest>,
) -> Result<Json<Vec<BlockSchema>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let found = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            let filter = request.block_schemas.as_ref();
            Box::pin(block_schemas::filter(tx, *workspace, filter, *limit, request.page.offset))
        })
        .await?;
    Ok(Json(found))
}
