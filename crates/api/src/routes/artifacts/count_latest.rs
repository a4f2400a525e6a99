use axum::Json;
use axum::extract::State;
use sluice_store::artifacts;
use sluice_wire::filters::{ArtifactCollectionFilter, ArtifactFilterRequest};
use sluice_wire::sorting::ArtifactCollectionSort;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /artifacts/latest/count`
pub async fn count_latest(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<
        ArtifactFilterRequest<ArtifactCollectionFilter, ArtifactCollectionSort>,
    >,
) -> Result<Json<i64>, ApiError> {
    let count = app
        .store
        .read((workspace, request), |tx, (workspace, request)| {
            Box::pin(artifacts::count_latest(tx, *workspace, request.artifacts.as_ref(), &request.related))
        })
        .await?;
    Ok(Json(count))
}
