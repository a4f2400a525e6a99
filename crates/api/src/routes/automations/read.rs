use axum::Json;
use axum::extract::State;
use sluice_store::automations;
use sluice_wire::automations::Automation;
use sluice_wire::ids::AutomationId;

use super::no_such_automation;
use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /automations/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<AutomationId>,
) -> Result<Json<Automation>, ApiError> {
    let found = app
        .store
        .read((workspace, id), |tx, (workspace, id)| Box::pin(automations::read(tx, *workspace, *id)))
        .await?;
    found.map(Json).ok_or_else(no_such_automation)
}
