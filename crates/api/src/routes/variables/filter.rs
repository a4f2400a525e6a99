use axum::Json;
use axum::extract::State;
use sluice_store::variables;
use sluice_wire::variables::{Variable, VariableFilterRequest};

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /variables/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<VariableFilterRequest>,
) -> Result<Json<Vec<Variable>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let found = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            let (filter, offset) = (request.variables.as_ref(), request.page.offset);
            Box::pin(variables::filter(tx, *workspace, filter, request.sort, *limit, offset))
        })
        .await?;
    Ok(Json(found))
}
