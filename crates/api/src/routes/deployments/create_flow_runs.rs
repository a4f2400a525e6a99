use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sluice_operations::{Maker, Refusal};
use sluice_orchestration::Environment;
use sluice_parameters::{Failure, JobVariablesError};
use sluice_secrets::KeyRing;
use sluice_store::{StoreError, Tx, deployments};
use sluice_wire::deployments::{
    DeploymentFlowRunCreate, FlowRunCreateResult, FlowRunCreateStatus, FlowRunsCreated,
};
use sluice_wire::flow_runs::CreatedBy;
use sluice_wire::ids::{DeploymentId, WorkspaceId};

use super::parameters;
use crate::extract::{Body, Caller, Id, Workspace};
use crate::{ApiError, App};

/// How many runs one request makes at most.
const MOST: usize = 100;

/// `POST /deployments/{id}/create_flow_run/bulk`: one result a run; a run that is refused does not keep the others
/// from being made.
pub async fn create_flow_runs(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
    caller: Caller,
    Body(requests): Body<Vec<DeploymentFlowRunCreate>>,
) -> Result<Json<FlowRunsCreated>, ApiError> {
    for request in &requests {
        parameters::check_size(&app, &request.parameters)?;
    }
    if requests.len() > MOST {
        let detail = format!("Cannot create more than {MOST} flow runs at once.");
        return Err(ApiError::detail(StatusCode::BAD_REQUEST, detail));
    }
    let environments: Vec<Environment> =
        requests.iter().map(|_| caller.environment(&app, app.clock.now())).collect();
    let requests: Vec<_> = requests.into_iter().zip(environments).collect();
    let arguments = (workspace, app.secrets.ring(), id, requests, caller.created_by);
    let results = app
        .store
        .write(arguments, |tx, (workspace, keys, id, requests, created_by)| {
            Box::pin(create_in(tx, *workspace, keys, *id, requests, created_by.as_ref()))
        })
        .await?;
    Ok(Json(FlowRunsCreated { results }))
}

async fn create_in(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    id: DeploymentId,
    requests: &[(DeploymentFlowRunCreate, Environment)],
    created_by: Option<&CreatedBy>,
) -> Result<Vec<FlowRunCreateResult>, ApiError> {
    let stored = deployments::read(tx, workspace, id)
        .await?
        .ok_or_else(|| ApiError::not_found("Deployment not found"))?;
    let mut results = Vec::with_capacity(requests.len());
    for (request, environment) in requests {
        let maker = Maker::new(tx, workspace, keys, &stored, created_by, environment).await?;
        let result = match maker.make(tx, request).await {
            Ok((run, _)) => FlowRunCreateResult {
                flow_run_id: Some(run.id),
                status: FlowRunCreateStatus::Created,
                error: None,
            },
            Err(refusal) => FlowRunCreateResult {
                flow_run_id: None,
                status: FlowRunCreateStatus::Failed,
                error: Some(reason(refusal)?),
            },
        };
        results.push(result);
    }
    Ok(results)
}

/// An error of the database ends the whole request.
fn reason(refusal: Refusal) -> Result<String, StoreError> {
    Ok(match refusal {
        Refusal::Hydration(error) => error.to_string(),
        Refusal::NoSchema => {
            "Parameter schema enforcement is enabled but deployment has no valid schema.".to_owned()
        }
        Refusal::Parameters(Failure::Invalid(message)) => {
            format!("Parameter validation failed: {message}")
        }
        Refusal::Parameters(Failure::Circular) => "Invalid schema: circular references detected.".to_owned(),
        Refusal::Parameters(failure) => failure.to_string(),
        Refusal::JobVariables(JobVariablesError::Invalid(failure)) => {
            format!("Error creating flow run: {failure}")
        }
        Refusal::JobVariables(error) => error.to_string(),
        Refusal::NoPool { queue } => format!(
            "Cannot create flow run in work queue {queue} because deployment is not associated with a work pool."
        ),
        Refusal::Store(error) => return Err(error),
    })
}
