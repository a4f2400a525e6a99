use axum::Json;
use axum::extract::State;
use sluice_store::deployments;
use sluice_wire::deployments::Deployment;
use sluice_wire::filters::{FilterRequest, Paginated};
use sluice_wire::sorting::DeploymentSort;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /deployments/paginate`
pub async fn paginate(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<DeploymentSort>>,
) -> Result<Json<Paginated<Deployment>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let page = request.page.page;
    let (found, count) = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            Box::pin(async move {
                let offset = (request.page.page - 1).saturating_mul(*limit);
                let found =
                    deployments::filter(tx, *workspace, &request.filters, request.sort, *limit, offset)
                        .await?;
                let count = deployments::count(tx, *workspace, &request.filters).await?;
                Ok::<_, ApiError>((found, count))
            })
        })
        .await?;
    let results = found.into_iter().map(|stored| stored.deployment).collect();
    Ok(Json(Paginated::new(results, count, limit, page)))
}
