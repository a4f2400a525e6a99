use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sluice_store::flow_runs;
use sluice_wire::filters::{FlowRunFilter, RelatedFilters};
use sluice_wire::ids::FlowRunId;

use super::BULK_LIMIT;
use crate::extract::{Caller, OptionalBody, Workspace, bulk_limit};
use crate::routes::run_logs;
use crate::{ApiError, App};

/// Body of `POST /flow_runs/bulk_delete`.
#[derive(Debug, Deserialize)]
pub struct BulkDelete {
    #[serde(default)]
    flow_runs: Option<FlowRunFilter>,
    #[serde(default)]
    limit: Option<i64>,
}

/// Answer of `POST /flow_runs/bulk_delete`.
#[derive(Debug, Serialize)]
pub struct BulkDeleted {
    deleted: Vec<FlowRunId>,
}

/// `POST /flow_runs/bulk_delete`: all in one transaction.
pub async fn bulk_delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    OptionalBody(request): OptionalBody<BulkDelete>,
) -> Result<Json<BulkDeleted>, ApiError> {
    let limit = bulk_limit(request.limit, BULK_LIMIT)?;
    let filters = RelatedFilters { flow_runs: request.flow_runs, ..RelatedFilters::default() };
    let environment = caller.environment(&app, app.clock.now());
    let deleted = app
        .store
        .write((workspace, filters, limit, environment), |tx, (workspace, filters, limit, environment)| {
            Box::pin(async move {
                let ids = flow_runs::filter_ids(tx, *workspace, filters, *limit).await?;
                flow_runs::delete_many(tx, *workspace, &ids, environment).await
            })
        })
        .await?;
    run_logs::delete_of_flow_runs(&app, workspace, deleted.clone()).await;
    Ok(Json(BulkDeleted { deleted }))
}
