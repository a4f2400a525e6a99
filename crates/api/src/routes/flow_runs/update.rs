use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_parameters::JsonObject;
use sluice_secrets::KeyRing;
use sluice_store::deployments::{self, StoredDeployment};
use sluice_store::{Tx, flow_runs, work_pools};
use sluice_wire::flow_runs::FlowRunUpdate;
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;

use super::not_found;
use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::routes::deployments::job_variables;
use crate::routes::run_parameters;
use crate::{ApiError, App};

/// `PATCH /flow_runs/{id}`
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<FlowRunId>,
    Body(update): Body<FlowRunUpdate>,
) -> Result<Response, ApiError> {
    if let Some(parameters) = &update.parameters {
        run_parameters::check_size(&app, parameters)?;
    }
    let now = app.clock.now();
    let exists = app
        .store
        .write((workspace, app.secrets.ring(), id, update, now), |tx, (workspace, keys, id, update, now)| {
            Box::pin(update_in(tx, *workspace, keys, *id, update, *now))
        })
        .await?;
    if exists { Ok(no_content()) } else { Err(not_found()) }
}

async fn update_in(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    id: FlowRunId,
    update: &FlowRunUpdate,
    now: Timestamp,
) -> Result<bool, ApiError> {
    if let Some(variables) = update.job_variables.value() {
        check_job_variables(tx, workspace, keys, id, variables, now).await?;
    }
    Ok(flow_runs::update(tx, workspace, id, update, now).await?)
}

/// Job variables of a run that is not yet under way may change, when it comes from a deployment; they are held
/// against the template of the deployment's pool.
async fn check_job_variables(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    id: FlowRunId,
    variables: &RawJson,
    now: Timestamp,
) -> Result<(), ApiError> {
    let bad_request = |detail: String| ApiError::detail(StatusCode::BAD_REQUEST, detail);
    let run = flow_runs::read(tx, workspace, id, now).await?.ok_or_else(not_found)?;
    match run.state_type {
        None => {
            let detail = "Flow run state is required to update job variables but none exists";
            return Err(bad_request(detail.to_owned()));
        }
        Some(StateType::Scheduled) => {}
        Some(other) => {
            let detail = format!("Job variables for a flow run in state {other} cannot be updated");
            return Err(bad_request(detail));
        }
    }
    let deployment = match run.deployment_id {
        Some(deployment_id) => deployments::read(tx, workspace, deployment_id).await?,
        None => None,
    };
    let Some(StoredDeployment { deployment, .. }) = deployment else {
        return Err(bad_request("A deployment for the flow run could not be found".to_owned()));
    };
    let Some(pool_name) = &deployment.work_pool_name else { return Ok(()) };
    let Some(pool) = work_pools::read_by_name(tx, workspace, pool_name).await? else { return Ok(()) };
    let layers = [parsed(&deployment.job_variables), parsed(variables)];
    sluice_operations::check_of_run(tx, workspace, keys, &pool, &layers.each_ref())
        .await?
        .map_err(|error| job_variables::refused(&error, "Error updating flow run"))
}

fn parsed(variables: &RawJson) -> JsonObject {
    variables.parse().unwrap_or_default()
}
