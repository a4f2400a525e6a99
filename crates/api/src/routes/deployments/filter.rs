use axum::Json;
use axum::extract::State;
use sluice_store::deployments;
use sluice_wire::deployments::Deployment;
use sluice_wire::filters::FilterRequest;
use sluice_wire::sorting::DeploymentSort;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /deployments/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<DeploymentSort>>,
) -> Result<Json<Vec<Deployment>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let found = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            Box::pin(deployments::filter(
                tx,
                *workspace,
                &request.filters,
                request.sort,
                *limit,
                request.page.offset,
            ))
        })
        .await?;
    Ok(Json(found.into_iter().map(|stored| stored.deployment).collect()))
}
