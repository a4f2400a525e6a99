use axum::extract::State;
use axum::response::Response;
use serde_json::Value;
use sluice_store::task_runs;
use sluice_wire::ids::StateId;
use sluice_wire::states::{State as RunState, StateType};
use sluice_wire::task_runs::TaskRunCreate;

use crate::extract::{Body, Caller, Workspace};
use crate::responses::created_or_existing;
use crate::{ApiError, App};

/// `POST /task_runs/`: 201 with the new run, 200 with the run that has these keys already.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    Body(mut run): Body<TaskRunCreate>,
) -> Result<Response, ApiError> {
    let most = app.settings.orchestration.max_cache_key_length;
    if run.cache_key.as_ref().is_some_and(|key| key.chars().count() > most) {
        let message = format!("Value error, Cache key exceeded maximum allowed length of {most} characters.");
        return Err(ApiError::invalid_field(&["cache_key"], "value_error", message, Value::Null));
    }
    let environment = caller.environment(&app, app.clock.now());
    let state_id = StateId::sequential();
    let state = match run.state.take() {
        Some(state) => state.into_state(state_id, environment.now),
        None => RunState::new(StateType::Pending, state_id, environment.now),
    };
    let (run, is_new) = app
        .store
        .write_small((workspace, run, state, environment), |tx, (workspace, run, state, environment)| {
            Box::pin(task_runs::create(tx, *workspace, run, Some(state.clone()), environment))
        })
        .await?;
    Ok(created_or_existing(is_new, run))
}
