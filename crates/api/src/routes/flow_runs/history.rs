use axum::Json;
use axum::extract::State;
use sluice_store::run_history::RunKind;
use sluice_wire::flow_runs::HistoryBucket;

use crate::extract::{OptionalBody, Workspace};
use crate::routes::run_history::{self, HistoryRequest};
use crate::{ApiError, App};

/// `POST /flow_runs/history`
pub async fn history(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<HistoryRequest>,
) -> Result<Json<Vec<HistoryBucket>>, ApiError> {
    run_history::history(&app, workspace, RunKind::FlowRuns, request).await
}
