use axum::Json;
use axum::extract::State;
use sluice_store::automations;
use sluice_wire::automations::{Automation, AutomationFilterRequest};

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /automations/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<AutomationFilterRequest>,
) -> Result<Json<Vec<Automation>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let found = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            let (filter, offset) = (request.automations.as_ref(), request.page.offset);
            Box::pin(automations::filter(tx, *workspace, filter, request.sort, *limit, offset))
        })
        .await?;
    Ok(Json(found))
}
