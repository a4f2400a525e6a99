use axum::Json;
use axum::extract::State;
use sluice_store::block_documents;
use sluice_wire::blocks::BlockDocument;
use sluice_wire::ids::BlockDocumentId;

use crate::extract::{Id, IncludeSecrets, Workspace};
use crate::{ApiError, App};

/// `GET /block_documents/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<BlockDocumentId>,
    IncludeSecrets(include_secrets): IncludeSecrets,
) -> Result<Json<BlockDocument>, ApiError> {
    let keys = app.secrets.ring();
    let document = app
        .store
        .read((workspace, keys, id), move |tx, (workspace, keys, id)| {
            Box::pin(block_documents::read(tx, *workspace, keys, *id, include_secrets))
        })
        .await?;
    document.map(Json).ok_or_else(not_found)
}

pub(super) fn not_found() -> ApiError {
    ApiError::not_found("Block document not found")
}
