use axum::extract::State;
use axum::response::Response;
use sluice_orchestration::Environment;
use sluice_store::Tx;
use sluice_store::flow_runs::{self, NewFlowRun, QueueLookup};
use sluice_wire::flow_runs::{CreatedBy, FlowRun, FlowRunCreate};
use sluice_wire::ids::{FlowRunId, StateId, WorkQueueId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::run_names::random_run_name;
use sluice_wire::states::{State as RunState, StateType};

use crate::extract::{Body, Caller, Workspace};
use crate::responses::created_or_existing;
use crate::routes::run_parameters;
use crate::{ApiError, App};

/// `POST /flow_runs/`: 201 with the new run, 200 with the run that has this idempotency key already.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    caller: Caller,
    Body(run): Body<FlowRunCreate>,
) -> Result<Response, ApiError> {
    run_parameters::check_size(&app, &run.parameters)?;
    let environment = caller.environment(&app, app.clock.now());
    let (run, is_new) = app
        .store
        .write_small(
            (workspace, run, caller.created_by, environment),
            |tx, (workspace, run, creator, environment)| {
                Box::pin(create_in(tx, *workspace, run, creator.as_ref(), environment))
            },
        )
        .await?;
    Ok(created_or_existing(is_new, run))
}

async fn create_in(
    tx: &mut Tx,
    workspace: WorkspaceId,
    run: &FlowRunCreate,
    creator: Option<&CreatedBy>,
    environment: &Environment,
) -> Result<(FlowRun, bool), ApiError> {
    let state_id = StateId::sequential();
    let state = match run.state.clone() {
        Some(state) => state.into_state(state_id, environment.now),
        None => RunState::new(StateType::Pending, state_id, environment.now),
    };
    let new_run = NewFlowRun {
        id: FlowRunId::sequential(),
        name: run.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(random_run_name),
        flow_id: run.flow_id,
        flow_version: run.flow_version.clone(),
        deployment_id: run.deployment_id,
        deployment_version: None,
        work_queue_id: queue_of(tx, workspace, run).await?,
        work_queue_name: run.work_queue_name.clone(),
        parameters: run.parameters.clone(),
        context: run.context.clone(),
        empirical_policy: run.empirical_policy.clone(),
        tags: run.tags.clone(),
        labels: run.labels.clone(),
        parent_task_run_id: run.parent_task_run_id,
        idempotency_key: run.idempotency_key.clone().filter(|key| !key.is_empty()),
        auto_scheduled: false,
        infrastructure_document_id: run.infrastructure_document_id,
        job_variables: Some(run.job_variables.clone().unwrap_or_else(RawJson::empty_object)),
        created_by: creator.cloned(),
    };
    Ok(flow_runs::create(tx, workspace, &new_run, Some(state), environment).await?)
}

async fn queue_of(
    tx: &mut Tx,
    workspace: WorkspaceId,
    run: &FlowRunCreate,
) -> Result<Option<WorkQueueId>, ApiError> {
    let Some(pool) = run.work_pool_name.as_deref().filter(|pool| !pool.is_empty()) else { return Ok(None) };
    let queue = run.work_queue_name.as_deref().filter(|queue| !queue.is_empty());
    match flow_runs::work_queue_of(tx, workspace, pool, queue).await? {
        QueueLookup::Found(queue) => Ok(queue),
        QueueLookup::NotFound => Err(ApiError::not_found(match queue {
            Some(queue) => format!("Work pool queue '{pool}/{queue}' not found."),
            None => format!("Work pool \"{pool}\" not found."),
        })),
    }
}
