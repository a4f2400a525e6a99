use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use sluice_orchestration::{Environment, FlowPolicy};
use sluice_parameters::{Checks, Failure, JsonObject, validate};
use sluice_store::{StateChange, StoreError, Tx, flow_run_inputs, flow_runs};
use sluice_wire::flow_runs::FlowRunInputCreate;
use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::states::{
    OrchestrationResult, SetStateStatus, State as RunState, StateResponseDetails, StateType,
};

use super::no_such_run;
use crate::extract::{Caller, Id, OptionalBody, Workspace};
use crate::responses::created_or_existing;
use crate::routes::deployments::parameters::hydrated;
use crate::{ApiError, App};

/// Body of `POST /flow_runs/{id}/resume`.
#[derive(Debug, Deserialize)]
pub struct Resume {
    #[serde(default)]
    run_input: Option<JsonObject>,
}

/// `POST /flow_runs/{id}/resume`: runs on, or schedules a run that gave up its process. When the pause waits for
/// input, the input is held against its schema and kept with the state.
pub async fn resume(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    Id(id): Id<FlowRunId>,
    OptionalBody(Resume { run_input }): OptionalBody<Resume>,
) -> Result<Response, ApiError> {
    let environment = caller.environment(&app, app.clock.now());
    let input = run_input.unwrap_or_default();
    let change = app
        .store
        .write((workspace, id, input, environment), |tx, (workspace, id, input, environment)| {
            Box::pin(resume_in(tx, *workspace, *id, input, environment))
        })
        .await?;
    Ok(created_or_existing(change.is_written, change.result))
}

async fn resume_in(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    input: &JsonObject,
    environment: &Environment,
) -> Result<StateChange, ApiError> {
    let run = flow_runs::read(tx, workspace, id, environment.now).await?.ok_or_else(|| no_such_run(id))?;
    let state = match (run.state_type, &run.state) {
        (Some(StateType::Paused), Some(state)) => state.parse::<RunState>().ok(),
        _ => None,
    };
    let Some(state) = state else {
        let reason = Some("Cannot resume a flow run that is not paused.".to_owned());
        let details = StateResponseDetails::Abort { reason };
        return Ok(unchanged(None, SetStateStatus::Abort, details));
    };
    let keys = state.state_details.run_input_keyset.clone().filter(|keys| !keys.is_empty());
    let mut checked = JsonObject::new();
    if let Some(keys) = &keys {
        let schema_key = keys.get("schema").map(String::as_str).unwrap_or_default();
        let schema = flow_run_inputs::read(tx, workspace, id, schema_key).await?;
        match checked_input(tx, workspace, schema.as_deref(), input).await? {
            Ok(input) => checked = input,
            Err(reason) => {
                let details = StateResponseDetails::Abort { reason: Some(reason) };
                return Ok(unchanged(Some(state), SetStateStatus::Reject, details));
            }
        }
    }
    let (state_id, now) = (StateId::sequential(), environment.now);
    let proposed = if state.state_details.pause_reschedule {
        RunState::scheduled("Resuming", now, state_id, now)
    } else {
        RunState::new(StateType::Running, state_id, now)
    };
    let change =
        flow_runs::commit_state(tx, workspace, id, FlowPolicy::for_request(false), proposed, environment)
            .await?
            .ok_or_else(|| no_such_run(id))?;
    let response_key = keys.and_then(|keys| keys.get("response").cloned());
    if let (Some(key), SetStateStatus::Accept, false) =
        (response_key, change.result.status, checked.is_empty())
    {
        let value = Value::Object(checked).to_string();
        let kept = FlowRunInputCreate { key, value, sender: None };
        if !flow_run_inputs::create(tx, workspace, id, &kept, now).await? {
            return Err(ApiError::conflict("A flow run input with this key already exists."));
        }
    }
    Ok(change)
}

fn unchanged(state: Option<RunState>, status: SetStateStatus, details: StateResponseDetails) -> StateChange {
    StateChange { result: OrchestrationResult { state, status, details }, is_written: false }
}

/// The input with its templates filled in, or why it does not fit its schema.
async fn checked_input(
    tx: &mut Tx,
    workspace: WorkspaceId,
    schema: Option<&str>,
    input: &JsonObject,
) -> Result<Result<JsonObject, String>, StoreError> {
    let input = match hydrated(tx, workspace, input).await? {
        Ok(input) => input,
        Err(error) => return Ok(Err(format!("Error hydrating run input: {error}"))),
    };
    let Some(schema) = schema else { return Ok(Err("Run input schema not found.".to_owned())) };
    let Ok(schema) = serde_json::from_str::<JsonObject>(schema) else {
        return Ok(Err("Run input schema is not valid JSON.".to_owned()));
    };
    Ok(match validate(&input, &schema, Checks::default()) {
        Ok(()) => Ok(input),
        Err(failure @ Failure::Invalid(_)) => Err(format!("Reason: {failure}")),
        Err(failure) => Err(failure.to_string()),
    })
}
