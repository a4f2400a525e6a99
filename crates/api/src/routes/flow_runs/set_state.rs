use axum::extract::State;
use axum::response::Response;
use sluice_orchestration::FlowPolicy;
use sluice_store::flow_runs;
use sluice_wire::flow_runs::SetState;
use sluice_wire::ids::{FlowRunId, StateId};

use super::no_such_run;
use crate::extract::{Caller, Id, OptionalBody, Workspace};
use crate::responses::created_or_existing;
use crate::{ApiError, App};

/// `POST /flow_runs/{id}/set_state`: 201 when a state was written, 200 when the run stays as it is.
pub async fn set_state(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    Id(id): Id<FlowRunId>,
    OptionalBody(SetState { state, force }): OptionalBody<SetState>,
) -> Result<Response, ApiError> {
    let environment = caller.environment(&app, app.clock.now());
    let policy = FlowPolicy::for_request(force);
    let state = state.into_state(StateId::sequential(), environment.now);
    let change = app
        .store
        .write_small(
            (workspace, id, policy, state, environment),
            |tx, (workspace, id, policy, state, environment)| {
                Box::pin(flow_runs::commit_state(tx, *workspace, *id, *policy, state.clone(), environment))
            },
        )
        .await?
        .ok_or_else(|| no_such_run(id))?;
    Ok(created_or_existing(change.is_written, change.result))
}
