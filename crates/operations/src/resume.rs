use serde_json::Value;
use sluice_orchestration::{Environment, FlowPolicy};
use sluice_parameters::{Checks, Failure, JsonObject, validate};
use sluice_store::{JobError, StateChange, StoreError, Tx, flow_run_inputs, flow_runs};
use sluice_wire::flow_runs::FlowRunInputCreate;
use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::orchestration_results::{OrchestrationResult, SetStateStatus, StateResponseDetails};
use sluice_wire::states::{State as RunState, StateType};

use crate::hydrated;

/// Why a run was not resumed.
#[derive(Debug)]
pub enum ResumeRefusal {
    /// It does not exist.
    NoSuchRun,
    /// Its input was given already.
    KeyTaken,
    /// The database.
    Store(StoreError),
}

impl From<StoreError> for ResumeRefusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl JobError for ResumeRefusal {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::NoSuchRun | Self::KeyTaken => None,
        }
    }
}

/// Runs on, or schedules a run that gave up its process. When the pause waits for input, the input is held against its
/// schema and kept with the state.
pub async fn resume(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    input: &JsonObject,
    environment: &Environment,
) -> Result<StateChange, ResumeRefusal> {
    let run = flow_runs::read(tx, workspace, id, environment.now).await?.ok_or(ResumeRefusal::NoSuchRun)?;
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
            .ok_or(ResumeRefusal::NoSuchRun)?;
    let response_key = keys.and_then(|keys| keys.get("response").cloned());
    if let (Some(key), SetStateStatus::Accept, false) =
        (response_key, change.result.status, checked.is_empty())
    {
        let value = Value::Object(checked).to_string();
        let kept = FlowRunInputCreate { key, value, sender: None };
        if !flow_run_inputs::create(tx, workspace, id, &kept, now).await? {
            return Err(ResumeRefusal::KeyTaken);
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
