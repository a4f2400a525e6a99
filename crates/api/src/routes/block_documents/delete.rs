use axum::extract::State;
use axum::response::Response;
use sluice_store::block_documents;
use sluice_wire::ids::BlockDocumentId;

use super::read::not_found;
use crate::extract::{Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `DELETE /block_documents/{id}`: with the deployments and runs whose storage or infrastructure it is.
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<BlockDocumentId>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let found = app
        .store
        .write((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(block_documents::delete(tx, *workspace, *id, *now))
        })
        .await?;
    if found { Ok(no_content()) } else { Err(not_found()) }
}
