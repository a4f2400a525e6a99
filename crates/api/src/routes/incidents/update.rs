use axum::Json;
use axum::extract::State;
use sluice_store::incidents;
use sluice_wire::ids::IncidentId;
use sluice_wire::incidents::{Incident, IncidentUpdate};

use crate::extract::{Body, Id, Workspace};
use crate::{ApiError, App};

/// `PATCH /incidents/{id}`: resolves it, opens it again, or says more of it; answers with what it is then.
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<IncidentId>,
    Body(update): Body<IncidentUpdate>,
) -> Result<Json<Incident>, ApiError> {
    let now = app.clock.now();
    let incident = app
        .store
        .write((workspace, id, update, now), |tx, (workspace, id, update, now)| {
            Box::pin(incidents::update(tx, *workspace, *id, update, *now))
        })
        .await?;
    incident.map(Json).ok_or_else(|| ApiError::not_found("Incident not found."))
}
