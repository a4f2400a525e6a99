use axum::extract::State;
use axum::response::Response;
use sluice_orchestration::TaskPolicy;
use sluice_store::task_runs::{self, TaskStateChange};
use sluice_wire::flow_runs::SetState;
use sluice_wire::ids::{StateId, TaskRunId};

use crate::extract::{Caller, Id, OptionalBody, Workspace};
use crate::responses::created_or_existing;
use crate::{ApiError, App};

/// `POST /task_runs/{id}/set_state`: 201 when a state was written, 200 when the run stays as it is.
pub async fn set_state(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    Id(id): Id<TaskRunId>,
    OptionalBody(SetState { state, force }): OptionalBody<SetState>,
) -> Result<Response, ApiError> {
    let environment = caller.environment(&app, app.clock.now());
    let state = state.into_state(StateId::sequential(), environment.now);
    let policy = TaskPolicy::for_request(force, &state);
    let change = app
        .store
        .write_small(
            (workspace, id, policy, state, environment),
            |tx, (workspace, id, policy, state, environment)| {
                Box::pin(task_runs::commit_state(tx, *workspace, *id, *policy, state.clone(), environment))
            },
        )
        .await?;
    match change {
        TaskStateChange::Decided(change) => Ok(created_or_existing(change.is_written, change.result)),
        TaskStateChange::NotFound => {
            Err(ApiError::object_not_found(format!("Task run with id {id} not found")))
        }
        TaskStateChange::FlowRunMissing(missing) => Err(ApiError::object_not_found(missing.to_string())),
    }
}
