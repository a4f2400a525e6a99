use axum::Json;
use axum::extract::State;
use sluice_store::incidents;
use sluice_wire::ids::IncidentId;
use sluice_wire::incidents::Incident;

use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /incidents/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<IncidentId>,
) -> Result<Json<Incident>, ApiError> {
    let incident = app
        .store
        .read((workspace, id), |tx, (workspace, id)| Box::pin(incidents::read(tx, *workspace, *id)))
        .await?;
    incident.map(Json).ok_or_else(|| ApiError::not_found("Incident not found."))
}
