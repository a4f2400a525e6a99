use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_operations::{Maker, Refusal};
use sluice_orchestration::Environment;
use sluice_parameters::Failure;
use sluice_secrets::KeyRing;
use sluice_store::{Tx, deployments};
use sluice_wire::deployments::DeploymentFlowRunCreate;
use sluice_wire::flow_runs::{CreatedBy, FlowRun};
use sluice_wire::ids::{DeploymentId, WorkspaceId};

use super::{job_variables, parameters};
use crate::extract::{Body, Caller, Id, Workspace};
use crate::responses::created_or_existing;
use crate::{ApiError, App};

/// `POST /deployments/{id}/create_flow_run`: 201 with the new run, 200 with the run that has this idempotency key
/// already.
pub async fn create_flow_run(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
    caller: Caller,
    Body(request): Body<DeploymentFlowRunCreate>,
) -> Result<Response, ApiError> {
    parameters::check_size(&app, &request.parameters)?;
    let environment = caller.environment(&app, app.clock.now());
    let arguments = (workspace, app.secrets.ring(), id, request, caller.created_by, environment);
    let (run, is_new) = app
        .store
        .write(arguments, |tx, (workspace, keys, id, request, created_by, environment)| {
            Box::pin(create_in(tx, *workspace, keys, *id, request, created_by.as_ref(), environment))
        })
        .await?;
    Ok(created_or_existing(is_new, run))
}

async fn create_in(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    id: DeploymentId,
    request: &DeploymentFlowRunCreate,
    created_by: Option<&CreatedBy>,
    environment: &Environment,
) -> Result<(FlowRun, bool), ApiError> {
    let stored = deployments::read(tx, workspace, id)
        .await?
        .ok_or_else(|| ApiError::not_found("Deployment not found"))?;
    let maker = Maker::new(tx, workspace, keys, &stored, created_by, environment).await?;
    maker.make(tx, request).await.map_err(|refusal| refused(refusal, id))
}

fn refused(refusal: Refusal, id: DeploymentId) -> ApiError {
    match refusal {
        Refusal::Hydration(error) => parameters::hydration_failed("flow run", &error),
        Refusal::NoSchema => parameters::no_schema(),
        Refusal::Parameters(Failure::Invalid(message)) => {
            ApiError::conflict(format!("Error creating flow run: {message}"))
        }
        Refusal::Parameters(failure) => ApiError::unprocessable(failure.to_string()),
        Refusal::JobVariables(error) => job_variables::refused(&error, "Error creating flow run"),
        Refusal::NoPool { queue } => ApiError::detail(
            StatusCode::BAD_REQUEST,
            format!(
                "Cannot create flow run in work queue {queue} because deployment {id} is not associated with a work \
                 pool. Please remove work_pool_name and try again."
            ),
        ),
        Refusal::Store(error) => error.into(),
    }
}
