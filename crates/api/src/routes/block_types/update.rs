use axum::extract::State;
use axum::response::Response;
use sluice_store::block_types;
use sluice_wire::blocks::BlockTypeUpdate;
use sluice_wire::ids::BlockTypeId;

use super::read::not_found;
use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /block_types/{id}`: protected types too, because clients send their texts whenever they register.
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<BlockTypeId>,
    Body(update): Body<BlockTypeUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, id, update, now), |tx, (workspace, id, update, now)| {
            Box::pin(async move {
                let block_type = block_types::read(tx, *workspace, *id).await?.ok_or_else(not_found)?;
                Ok::<_, ApiError>(block_types::update(tx, *workspace, block_type, update, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}
