use axum::extract::State;
use axum::response::Response;
use serde_json::Value;
use sluice_secrets::KeyRing;
use sluice_store::work_pools::DEFAULT_AGENT_POOL;
use sluice_store::{Tx, block_documents, deployments};
use sluice_wire::deployments::{Deployment, DeploymentCreate};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use super::{job_variables, parameters, schedules, work_queue};
use crate::extract::{Body, Workspace};
use crate::responses::created_or_existing;
use crate::{ApiError, App};

/// `POST /deployments/`: 201 with the new deployment; 200 with the one that had this name and flow already, changed
/// to what was sent.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(mut create): Body<DeploymentCreate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    if create.concurrency_limit.value().is_some() && create.global_concurrency_limit_id.value().is_some() {
        return Err(both_limits());
    }
    parameters::check_of_create(&create)?;
    parameters::check_size(&app, &create.parameters)?;
    for (index, schedule) in create.schedules.iter_mut().enumerate() {
        schedules::complete(&mut schedule.schedule, &["schedules", &index.to_string(), "schedule"], now)?;
    }
    let (deployment, is_new) = app
        .store
        .write((workspace, app.secrets.ring(), create, now), |tx, (workspace, keys, create, now)| {
            Box::pin(create_in(tx, *workspace, keys, create, *now))
        })
        .await?;
    Ok(created_or_existing(is_new, deployment))
}

pub(super) fn both_limits() -> ApiError {
    let message =
        "Value error, A deployment cannot have both a concurrency limit and a global concurrency limit.";
    ApiError::invalid_field(&[], "value_error", message, Value::Null)
}

async fn create_in(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    create: &DeploymentCreate,
    now: Timestamp,
) -> Result<(Deployment, bool), ApiError> {
    let pool_name = create.work_pool_name.as_deref().filter(|name| !name.is_empty());
    if let Some(name) = pool_name
        && name != DEFAULT_AGENT_POOL
    {
        let pool = work_queue::pool_named(tx, workspace, name).await?;
        let job_variables = create.job_variables.as_ref();
        let doing = "Error creating deployment";
        job_variables::check_of_deployment(tx, workspace, keys, &pool, job_variables, doing).await?;
    }
    if let Some(limit) = create.global_concurrency_limit_id.value()
        && !deployments::limit_exists(tx, workspace, *limit).await?
    {
        return Err(ApiError::not_found("Concurrency limit not found"));
    }
    let queue_name = create.work_queue_name.value().map(String::as_str);
    let queue = work_queue::resolve(tx, workspace, pool_name, queue_name, now).await?;
    check_blocks(tx, workspace, create).await?;
    let (stored, is_new) = deployments::create(tx, workspace, create, queue, now).await?;
    Ok((stored.deployment, is_new))
}

/// 409 for a block that does not exist.
async fn check_blocks(
    tx: &mut Tx,
    workspace: WorkspaceId,
    create: &DeploymentCreate,
) -> Result<(), ApiError> {
    let blocks = [
        ("infrastructure", create.infrastructure_document_id.value()),
        ("storage", create.storage_document_id.value()),
    ];
    for (kind, id) in blocks {
        if let Some(id) = id
            && !block_documents::exists(tx, workspace, *id).await?
        {
            return Err(ApiError::conflict(format!(
                "Error creating deployment. Could not find {kind} block with id: {id}. This usually occurs when \
                 applying a deployment specification that was built against a different Prefect database / workspace."
            )));
        }
    }
    Ok(())
}
