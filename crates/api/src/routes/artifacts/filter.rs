use axum::Json;
use axum::extract::State;
use sluice_store::artifacts;
use sluice_wire::artifacts::Artifact;
use sluice_wire::filters::{ArtifactFilter, ArtifactFilterRequest};
use sluice_wire::sorting::ArtifactSort;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /artifacts/filter`
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<ArtifactFilterRequest<ArtifactFilter, ArtifactSort>>,
) -> Result<Json<Vec<Artifact>>, ApiError> {
    let limit = page_limit(&app, request.page.limit)?;
    let found = app
        .store
        .read((workspace, request, limit), |tx, (workspace, request, limit)| {
            Box::pin(artifacts::filter(tx, *workspace, request, *limit))
        })
        .await?;
    Ok(Json(found))
}
