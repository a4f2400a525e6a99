use axum::extract::State;
use axum::response::Response;
use sluice_store::flows;
use sluice_wire::flows::FlowUpdate;
use sluice_wire::ids::FlowId;

use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /flows/{id}`
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<FlowId>,
    Body(update): Body<FlowUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let exists = app
        .store
        .write((workspace, id, update, now), |tx, (workspace, id, update, now)| {
            Box::pin(flows::update(tx, *workspace, *id, update, *now))
        })
        .await?;
    if exists { Ok(no_content()) } else { Err(ApiError::not_found("Flow not found")) }
}
