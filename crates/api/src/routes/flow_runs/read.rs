use axum::Json;
use axum::extract::State;
use sluice_store::flow_runs;
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::FlowRunId;

use super::not_found;
use crate::extract::{Id, Workspace};
use crate::{ApiError, App};

/// `GET /flow_runs/{id}`
pub async fn read(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<FlowRunId>,
) -> Result<Json<FlowRun>, ApiError> {
    let now = app.clock.now();
    let run = app
        .store
        .read((workspace, id, now), |tx, (workspace, id, now)| {
            Box::pin(flow_runs::read(tx, *workspace, *id, *now))
        })
        .await?;
    run.map(Json).ok_or_else(not_found)
}
