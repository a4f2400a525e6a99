use axum::Json;
use axum::extract::State;
use sluice_store::block_documents;
use sluice_wire::blocks::BlockDocumentFilterRequest;

use super::filter::filters;
use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /block_documents/count`
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<BlockDocumentFilterRequest>,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read((workspace, filters(request)), |tx, (workspace, filters)| {
            Box::pin(block_documents::count(tx, *workspace, filters))
        })
        .await?;
    Ok(Json(count))
}
