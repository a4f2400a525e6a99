use axum::extract::State;
use axum::response::Response;
use sluice_store::flow_runs;
use sluice_wire::ids::FlowRunId;

use super::not_found;
use crate::extract::{Caller, Id, Workspace};
use crate::responses::no_content;
use crate::routes::run_logs;
use crate::{ApiError, App};

/// `DELETE /flow_runs/{id}`
pub async fn delete(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    Id(id): Id<FlowRunId>,
) -> Result<Response, ApiError> {
    let environment = caller.environment(&app, app.clock.now());
    let existed = app
        .store
        .write((workspace, id, environment), |tx, (workspace, id, environment)| {
            Box::pin(flow_runs::delete(tx, *workspace, *id, environment))
        })
        .await?;
    if !existed {
        return Err(not_found());
    }
    run_logs::delete_of_flow_runs(&app, workspace, vec![id]).await;
    Ok(no_content())
}
