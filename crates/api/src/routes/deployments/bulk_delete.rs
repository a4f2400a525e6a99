use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_store::{Tx, deployments};
use sluice_wire::deployments::DeploymentBulkDeleted;
use sluice_wire::filters::{DeploymentFilter, RelatedFilters};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::DeploymentSort;
use sluice_wire::time::Timestamp;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// How many deployments one request deletes at most.
const MOST: i64 = 50;

/// Body of `POST /deployments/bulk_delete`.
#[derive(Debug, Deserialize)]
pub struct BulkDelete {
    #[serde(default)]
    deployments: Option<DeploymentFilter>,
    #[serde(default, deserialize_with = "limit")]
    limit: Option<i64>,
}

fn limit<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match i64::deserialize(deserializer)? {
        limit if limit < 1 => {
            Err(serde::de::Error::custom("[greater_than_equal] Input should be greater than or equal to 1"))
        }
        limit if limit > MOST => Err(serde::de::Error::custom(format!(
            "[less_than_equal] Input should be less than or equal to {MOST}"
        ))),
        limit => Ok(Some(limit)),
    }
}

/// `POST /deployments/bulk_delete`: the ids of what was deleted.
pub async fn bulk_delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<BulkDelete>,
) -> Result<Json<DeploymentBulkDeleted>, ApiError> {
    let filters = RelatedFilters { deployments: request.deployments, ..RelatedFilters::default() };
    let limit = request.limit.unwrap_or(MOST);
    let now = app.clock.now();
    let deleted = app
        .store
        .write((workspace, filters, limit, now), |tx, (workspace, filters, limit, now)| {
            Box::pin(delete_found(tx, *workspace, filters, *limit, *now))
        })
        .await?;
    Ok(Json(deleted))
}

async fn delete_found(
    tx: &mut Tx,
    workspace: WorkspaceId,
    filters: &RelatedFilters,
    limit: i64,
    now: Timestamp,
) -> Result<DeploymentBulkDeleted, ApiError> {
    let found = deployments::filter(tx, workspace, filters, DeploymentSort::NameAsc, limit, 0).await?;
    let ids: Vec<_> = found.iter().map(|stored| stored.deployment.id).collect();
    let deleted = deployments::delete_many(tx, workspace, &ids, now).await?;
    Ok(DeploymentBulkDeleted { deleted })
}
