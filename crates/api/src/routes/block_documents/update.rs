use axum::extract::State;
use axum::response::Response;
use sluice_store::block_documents;
use sluice_wire::blocks::BlockDocumentUpdate;
use sluice_wire::ids::BlockDocumentId;

use super::read::not_found;
use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /block_documents/{id}`
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<BlockDocumentId>,
    Body(update): Body<BlockDocumentUpdate>,
) -> Result<Response, ApiError> {
    let (now, keys) = (app.clock.now(), app.secrets.ring());
    let found = app
        .store
        .write((workspace, keys, id, update, now), |tx, (workspace, keys, id, update, now)| {
            Box::pin(async move {
                let outcome = block_documents::update(tx, *workspace, keys, *id, update, *now).await;
                outcome.map_err(ApiError::from)
            })
        })
        .await?;
    if found { Ok(no_content()) } else { Err(not_found()) }
}
