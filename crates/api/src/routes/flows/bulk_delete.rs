use axum::Json;
use axum::extract::State;
use sluice_store::flows;
use sluice_wire::flows::{FlowBulkDelete, FlowBulkDeleted};

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /flows/bulk_delete`
pub async fn bulk_delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FlowBulkDelete>,
) -> Result<Json<FlowBulkDeleted>, ApiError> {
    let now = app.clock.now();
    let deleted = app
        .store
        .write((workspace, request, now), |tx, (workspace, request, now)| {
            Box::pin(flows::bulk_delete(tx, *workspace, request.flows.as_ref(), request.limit, *now))
        })
        .await?;
    Ok(Json(FlowBulkDeleted { deleted }))
}
