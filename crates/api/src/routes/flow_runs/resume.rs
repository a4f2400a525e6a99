use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use sluice_operations::ResumeRefusal;
use sluice_parameters::JsonObject;
use sluice_wire::ids::FlowRunId;

use super::no_such_run;
use crate::extract::{Caller, Id, OptionalBody, Workspace};
use crate::responses::created_or_existing;
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
            Box::pin(async move {
                let resumed = sluice_operations::resume(tx, *workspace, *id, input, environment).await;
                resumed.map_err(|refusal| refused(refusal, *id))
            })
        })
        .await?;
    Ok(created_or_existing(change.is_written, change.result))
}

fn refused(refusal: ResumeRefusal, id: FlowRunId) -> ApiError {
    match refusal {
        ResumeRefusal::NoSuchRun => no_such_run(id),
        ResumeRefusal::KeyTaken => ApiError::conflict("A flow run input with this key already exists."),
        ResumeRefusal::Store(error) => error.into(),
    }
}
