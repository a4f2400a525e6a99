use axum::Json;
use axum::extract::State;
use sluice_store::artifacts;
use sluice_wire::filters::{ArtifactFilter, ArtifactFilterRequest};
use sluice_wire::sorting::ArtifactSort;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /artifacts/count`
pub async fn count(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<ArtifactFilterRequest<ArtifactFilter, ArtifactSort>>,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read((workspace, request), |tx, (workspace, request)| {
            Box::pin(artifacts::count(tx, *workspace, request.artifacts.as_ref(), &request.related))
        })
        .await?;
    Ok(Json(count))
}
