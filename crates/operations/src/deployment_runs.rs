//! A run made from a deployment (wire-protocol 7.16).

use sluice_orchestration::Environment;
use sluice_parameters::{
    Checks, Failure, HydrationContext, HydrationError, JobVariablesError, hydrate, names_variables, validate,
};
use sluice_secrets::KeyRing;
use sluice_store::deployments::StoredDeployment;
use sluice_store::flow_runs::{self, NewFlowRun};
use sluice_store::{StoreError, Tx, work_pools, work_queues};
use sluice_wire::deployments::{DeploymentFlowRunCreate, JsonObject};
use sluice_wire::flow_runs::{CreatedBy, FlowRun};
use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::run_names::random_run_name;
use sluice_wire::states::{State, StateType};
use sluice_wire::work_pools::WorkPool;

use crate::{check_of_run, hydration_context};

/// Why a run was not made.
#[derive(Debug)]
pub enum Refusal {
    /// A template in the parameters fails.
    Hydration(HydrationError),
    /// The schema is enforced, and there is none.
    NoSchema,
    /// The parameters do not fit.
    Parameters(Failure),
    /// The job variables do not fit.
    JobVariables(JobVariablesError),
    /// A queue is named, but the deployment has no pool.
    NoPool {
        /// The queue.
        queue: String,
    },
    /// The database.
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What runs of a deployment are made with.
#[derive(Debug)]
pub struct Maker<'a> {
    /// Whose.
    pub workspace: WorkspaceId,
    /// What opens the blocks that job templates refer to.
    pub keys: &'a KeyRing,
    /// The deployment.
    pub stored: &'a StoredDeployment,
    /// The deployment's pool, if it has one.
    pub pool: Option<WorkPool>,
    /// Who makes the runs.
    pub created_by: Option<&'a CreatedBy>,
    /// The time, and what rules read besides.
    pub environment: &'a Environment,
}

impl<'a> Maker<'a> {
    /// Reads the deployment's pool.
    pub async fn new(
        tx: &mut Tx,
        workspace: WorkspaceId,
        keys: &'a KeyRing,
        stored: &'a StoredDeployment,
        created_by: Option<&'a CreatedBy>,
        environment: &'a Environment,
    ) -> Result<Self, StoreError> {
        let pool = match stored.work_pool_id {
            Some(pool) => work_pools::read(tx, workspace, pool).await?,
            None => None,
        };
        Ok(Self { workspace, keys, stored, pool, created_by, environment })
    }

    /// Makes the run; false when there was one with its idempotency key.
    pub async fn make(
        &self,
        tx: &mut Tx,
        request: &DeploymentFlowRunCreate,
    ) -> Result<(FlowRun, bool), Refusal> {
        let parameters = self.parameters(tx, request).await?;
        self.check_job_variables(tx, request).await?;
        let deployment = &self.stored.deployment;
        let (mut work_queue_id, mut work_queue_name) =
            (deployment.work_queue_id, self.stored.stored_work_queue_name.clone());
        if let Some(name) = request.work_queue_name.as_deref().filter(|name| !name.is_empty()) {
            let Some(pool) = &self.pool else { return Err(Refusal::NoPool { queue: name.to_owned() }) };
            let now = self.environment.now;
            work_queue_id = Some(work_queues::ensure_in_pool(tx, self.workspace, pool, name, now).await?);
            work_queue_name = Some(name.to_owned());
        }
        let run = NewFlowRun {
            id: FlowRunId::random(),
            name: request.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(random_run_name),
            flow_id: deployment.flow_id,
            flow_version: None,
            deployment_id: Some(deployment.id),
            deployment_version: deployment.version.clone(),
            work_queue_id,
            work_queue_name,
            parameters: raw(&parameters)?,
            context: raw(&request.context)?,
            empirical_policy: request.empirical_policy.clone(),
            tags: united(&deployment.tags, &request.tags),
            labels: request.labels.clone(),
            parent_task_run_id: request.parent_task_run_id,
            idempotency_key: request.idempotency_key.clone().filter(|key| !key.is_empty()),
            auto_scheduled: false,
            infrastructure_document_id: request
                .infrastructure_document_id
                .or(deployment.infrastructure_document_id),
            job_variables: request.job_variables.as_ref().map(raw).transpose()?,
            created_by: self.created_by.cloned(),
        };
        Ok(flow_runs::create(tx, self.workspace, &run, Some(self.state(request)), self.environment).await?)
    }

    /// The deployment's parameters with the request's over them, made and checked.
    async fn parameters(
        &self,
        tx: &mut Tx,
        request: &DeploymentFlowRunCreate,
    ) -> Result<JsonObject, Refusal> {
        let mut parameters = self.stored.parameters()?;
        parameters.extend(request.parameters.clone());
        let context: HydrationContext =
            hydration_context(tx, self.workspace, names_variables(&parameters)).await?;
        let parameters = hydrate(&parameters, &context).map_err(Refusal::Hydration)?;
        let enforces =
            request.enforce_parameter_schema.unwrap_or(self.stored.deployment.enforce_parameter_schema);
        if enforces {
            let schema = stored_schema_of(self.stored)?.ok_or(Refusal::NoSchema)?;
            validate(&parameters, &schema, Checks::default()).map_err(Refusal::Parameters)?;
        }
        Ok(parameters)
    }

    async fn check_job_variables(
        &self,
        tx: &mut Tx,
        request: &DeploymentFlowRunCreate,
    ) -> Result<(), Refusal> {
        let Some(pool) = &self.pool else { return Ok(()) };
        let of_deployment = self.stored.job_variables()?;
        let mut layers = vec![&of_deployment];
        layers.extend(request.job_variables.as_ref());
        let checked = check_of_run(tx, self.workspace, self.keys, pool, &layers).await?;
        checked.map_err(Refusal::JobVariables)
    }

    /// Scheduled for now when nothing is asked for.
    fn state(&self, request: &DeploymentFlowRunCreate) -> State {
        let (id, now) = (StateId::sequential(), self.environment.now);
        match &request.state {
            Some(state) => state.clone().into_state(id, now),
            None => State::scheduled(StateType::Scheduled.default_name(), now, id, now),
        }
    }
}

fn raw(object: &JsonObject) -> Result<RawJson, StoreError> {
    RawJson::from_value(object).map_err(|error| StoreError::Internal(error.to_string()))
}

/// Every tag once, the first list's first.
fn united(first: &[String], second: &[String]) -> Vec<String> {
    let mut tags: Vec<String> = Vec::with_capacity(first.len() + second.len());
    for tag in first.iter().chain(second) {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    tags
}

/// The schema of the deployment's parameters, if it has one.
pub fn stored_schema_of(stored: &StoredDeployment) -> Result<Option<JsonObject>, StoreError> {
    let Some(schema) = &stored.deployment.parameter_openapi_schema else { return Ok(None) };
    schema.parse::<Option<JsonObject>>().map_err(|error| StoreError::Corrupt(error.to_string()))
}
