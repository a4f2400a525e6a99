use axum::Json;
use axum::extract::State;
use sluice_store::block_documents::{self, Filters, Reading};
use sluice_wire::blocks::{BlockDocument, BlockDocumentFilterRequest};

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /block_documents/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<BlockDocumentFilterRequest>,
) -> Result<Json<Vec<BlockDocument>>, ApiError> {
    let reading = Reading {
        sort: request.sort,
        limit: Some(page_limit(&app, request.page.limit)?),
        offset: request.page.offset,
        include_secrets: request.include_secrets,
    };
    let keys = app.secrets.ring();
    let filters = filters(request);
    let found = app
        .store
        .read((workspace, keys, filters, reading), |tx, (workspace, keys, filters, reading)| {
            Box::pin(block_documents::filter(tx, *workspace, keys, filters, *reading))
        })
        .await?;
    Ok(Json(found))
}

pub(super) fn filters(request: BlockDocumentFilterRequest) -> Filters {
    Filters { documents: request.block_documents, types: request.block_types, schemas: request.block_schemas }
}
