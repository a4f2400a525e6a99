use axum::Json;
use axum::extract::State;
use sluice_store::incidents;
use sluice_wire::incidents::{Incident, IncidentFilterRequest};

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /incidents/filter`: a page of incidents, the newest first.
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<IncidentFilterRequest>,
) -> Result<Json<Vec<Incident>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let found = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            let (filter, offset) = (request.incidents.as_ref(), request.page.offset);
            Box::pin(incidents::filter(tx, *workspace, filter, *limit, offset))
        })
        .await?;
    Ok(Json(found))
}
