use axum::Json;
use axum::extract::State;
use sluice_store::{StoreError, flows};
use sluice_wire::filters::{FilterRequest, Paginated};
use sluice_wire::flows::Flow;
use sluice_wire::sorting::FlowSort;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /flows/paginate`
pub async fn paginate(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<FlowSort>>,
) -> Result<Json<Paginated<Flow>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let page = request.page.page;
    let (found, count) = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            Box::pin(async move {
                let offset = (request.page.page - 1).saturating_mul(*limit);
                let found =
                    flows::filter(tx, *workspace, &request.filters, request.sort, *limit, offset).await?;
                let count = flows::count(tx, *workspace, &request.filters).await?;
                Ok::<_, StoreError>((found, count))
            })
        })
        .await?;
    Ok(Json(Paginated::new(found, count, limit, page)))
}
