use axum::Json;
use axum::extract::State;
use sluice_store::artifacts;
use sluice_wire::artifacts::ArtifactCollection;
use sluice_wire::filters::{ArtifactCollectionFilter, ArtifactFilterRequest};
use sluice_wire::sorting::ArtifactCollectionSort;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /artifacts/latest/filter`
pub async fn filter_latest(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<
        ArtifactFilterRequest<ArtifactCollectionFilter, ArtifactCollectionSort>,
    >,
) -> Result<Json<Vec<ArtifactCollection>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let found = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            Box::pin(artifacts::filter_latest(tx, *workspace, request, *limit))
        })
        .await?;
    Ok(Json(found))
}
