use axum::extract::State;
use axum::response::Response;
use sluice_store::flows;
use sluice_wire::flows::FlowCreate;

use crate::extract::{Body, Workspace};
use crate::responses::created_or_existing;
use crate::{ApiError, App};

/// `POST /flows/`: 201 with the new flow, 200 with the flow that has this name already.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(flow): Body<FlowCreate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let (flow, is_new) = app
        .store
        .write((workspace, flow, now), |tx, (workspace, flow, now)| {
            Box::pin(async move { flows::create(tx, *workspace, flow, *now).await })
        })
        .await?;
    Ok(created_or_existing(is_new, flow))
}
