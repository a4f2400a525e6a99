use axum::Json;
use axum::extract::State;
use axum::response::Response;
use sluice_store::{StoreError, flow_run_inputs};
use sluice_wire::flow_runs::{FlowRunInput, FlowRunInputCreate, FlowRunInputFilter};
use sluice_wire::ids::FlowRunId;

use super::not_found;
use crate::extract::{Id, OptionalBody, PathText, Workspace};
use crate::responses::{created, no_content};
use crate::{ApiError, App};

/// `POST /flow_runs/{id}/input`
pub async fn create_input(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<FlowRunId>,
    OptionalBody(input): OptionalBody<FlowRunInputCreate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let outcome = app
        .store
        .write((workspace, id, input, now), |tx, (workspace, id, input, now)| {
            Box::pin(flow_run_inputs::create(tx, *workspace, *id, input, *now))
        })
        .await;
    match outcome {
        Ok(true) => Ok(created(())),
        Ok(false) => Err(ApiError::conflict("A flow run input with this key already exists.")),
        Err(StoreError::ForeignKey(_)) => Err(not_found()),
        Err(error) => Err(error.into()),
    }
}

/// `POST /flow_runs/{id}/input/filter`
pub async fn filter_input(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<FlowRunId>,
    OptionalBody(filter): OptionalBody<FlowRunInputFilter>,
) -> Result<Json<Vec<FlowRunInput>>, ApiError> {
    let inputs = app
        .store
        .read((workspace, id, filter), |tx, (workspace, id, filter)| {
            Box::pin(flow_run_inputs::filter(tx, *workspace, *id, filter))
        })
        .await?;
    Ok(Json(inputs))
}

/// `GET /flow_runs/{id}/input/{key}`: the value as text.
pub async fn read_input(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText((id, key)): PathText<(FlowRunId, String)>,
) -> Result<String, ApiError> {
    let value = app
        .store
        .read((workspace, id, key), |tx, (workspace, id, key)| {
            Box::pin(flow_run_inputs::read(tx, *workspace, *id, key))
        })
        .await?;
    value.ok_or_else(|| ApiError::not_found("Flow run input not found"))
}

/// `DELETE /flow_runs/{id}/input/{key}`
pub async fn delete_input(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText((id, key)): PathText<(FlowRunId, String)>,
) -> Result<Response, ApiError> {
    let existed = app
        .store
        .write((workspace, id, key), |tx, (workspace, id, key)| {
            Box::pin(flow_run_inputs::delete(tx, *workspace, *id, key))
        })
        .await?;
    if existed { Ok(no_content()) } else { Err(ApiError::not_found("Flow run input not found")) }
}
