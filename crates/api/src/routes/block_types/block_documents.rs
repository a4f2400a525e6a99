use axum::Json;
use axum::extract::State;
use sluice_store::block_documents::{Filters, Reading};
use sluice_store::{block_documents as documents, block_types};
use sluice_wire::blocks::BlockDocument;
use sluice_wire::filters::{AnyFilter, BlockDocumentFilter};
use sluice_wire::sorting::BlockDocumentSort;

use super::read::not_found;
use crate::extract::{IncludeSecrets, PathText, Workspace};
use crate::{ApiError, App};

/// `GET /block_types/slug/{slug}/block_documents`: all that are not anonymous.
pub async fn block_documents(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(slug): PathText<String>,
    IncludeSecrets(include_secrets): IncludeSecrets,
) -> Result<Json<Vec<BlockDocument>>, ApiError> {
    let keys = app.secrets.ring();
    let reading = Reading { sort: BlockDocumentSort::NameAsc, limit: None, offset: 0, include_secrets };
    let found = app
        .store
        .read((workspace, keys, slug, reading), |tx, (workspace, keys, slug, reading)| {
            Box::pin(async move {
                let block_type = block_types::read_by_slug(tx, *workspace, slug).await?;
                let id = block_type.ok_or_else(not_found)?.id;
                let of_type = BlockDocumentFilter {
                    block_type_id: Some(AnyFilter { any_: Some(vec![id]) }),
                    ..BlockDocumentFilter::default()
                };
                let filters = Filters { documents: Some(of_type), ..Filters::default() };
                Ok::<_, ApiError>(documents::filter(tx, *workspace, keys, &filters, *reading).await?)
            })
        })
        .await?;
    Ok(Json(found))
}

/// `GET /block_types/slug/{slug}/block_documents/name/{name}`
pub async fn block_document_by_name(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText((slug, name)): PathText<(String, String)>,
    IncludeSecrets(include_secrets): IncludeSecrets,
) -> Result<Json<BlockDocument>, ApiError> {
    let keys = app.secrets.ring();
    let found = app
        .store
        .read((workspace, keys, slug, name), move |tx, (workspace, keys, slug, name)| {
            Box::pin(documents::read_by_name(tx, *workspace, keys, slug, name, include_secrets))
        })
        .await?;
    found.map(Json).ok_or_else(|| ApiError::not_found("Block document not found"))
}
