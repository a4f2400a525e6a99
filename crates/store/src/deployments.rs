//! Deployments, their limit and the events about them.

mod changes;
mod concurrency_limit;
mod create;
mod delete;
mod delete_scheduled_runs;
mod events;
mod filter;
mod mark_not_ready;
mod mark_ready;
mod read;
mod set_paused;
mod update;
mod work_queue_check;

pub use concurrency_limit::limit_exists;
pub use create::create;
pub use delete::{delete, delete_many};
pub use delete_scheduled_runs::{WhichRuns, delete_scheduled_runs};
pub use filter::{count, filter};
pub use mark_not_ready::{mark_not_ready, mark_unpolled_not_ready};
pub use mark_ready::{mark_ready, mark_ready_of_queues, needs_mark};
pub use read::{attach_schedules, read, read_by_name};
pub use set_paused::set_paused;
pub use update::{WorkQueueChange, update};
pub use work_queue_check::work_queue_check;

use serde::de::DeserializeOwned;
use sluice_wire::deployments::{
    ConcurrencyOptions, Deployment, DeploymentConcurrencyLimit, DeploymentStatus, JsonObject,
};
use sluice_wire::ids::WorkPoolId;
use sluice_wire::json::RawJson;
use sluice_wire::labels::KeyValueLabels;

use crate::{FromValue, Json, Result, Row, StoreError, Value};

/// A deployment with what clients do not see.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDeployment {
    /// What clients see.
    pub deployment: Deployment,
    /// The queue's name as it was sent. Clients see the name of the queue that the deployment is in.
    pub stored_work_queue_name: Option<String>,
    /// The pool of the deployment's queue.
    pub work_pool_id: Option<WorkPoolId>,
}

impl StoredDeployment {
    /// The deployment's parameters.
    pub fn parameters(&self) -> Result<JsonObject> {
        parse(&self.deployment.parameters)
    }

    /// The deployment's labels.
    pub fn labels(&self) -> Result<KeyValueLabels> {
        parse(&self.deployment.labels)
    }

    /// The deployment's overrides of job variables.
    pub fn job_variables(&self) -> Result<JsonObject> {
        parse(&self.deployment.job_variables)
    }
}

fn parse<T: DeserializeOwned>(json: &RawJson) -> Result<T> {
    json.parse().map_err(|error| StoreError::Corrupt(format!("{error} in stored JSON")))
}

/// The start of every SELECT of deployments; read by [`from_row`].
macro_rules! select_deployments {
    ($rest:literal) => {
        concat!(
            "SELECT deployment.id, deployment.created, deployment.updated, deployment.name, deployment.version,
             deployment.description, deployment.flow_id, deployment.paused, deployment.concurrency_options,
             deployment.job_variables, deployment.parameters, deployment.tags, deployment.labels,
             deployment.work_queue_name, deployment.work_queue_id, deployment.last_polled,
             deployment.parameter_openapi_schema, deployment.path, deployment.pull_steps, deployment.entrypoint,
             deployment.storage_document_id, deployment.infrastructure_document_id, deployment.created_by,
             deployment.updated_by, deployment.status, deployment.enforce_parameter_schema,
             work_queue.name, work_queue.work_pool_id, work_pool.name,
             concurrency_limit.id, concurrency_limit.created, concurrency_limit.updated, concurrency_limit.active,
             concurrency_limit.name, concurrency_limit.slot_limit, concurrency_limit.active_slots,
             concurrency_limit.slot_decay_per_second
             FROM deployment
             LEFT JOIN work_queue ON work_queue.id = deployment.work_queue_id
             LEFT JOIN work_pool ON work_pool.id = work_queue.work_pool_id
             LEFT JOIN concurrency_limit ON concurrency_limit.id = deployment.concurrency_limit_id ",
            $rest
        )
    };
}
pub(crate) use select_deployments;

/// Reads a row of [`select_deployments`], without the schedules.
pub(crate) fn from_row(row: Row) -> Result<StoredDeployment> {
    let mut columns = row.columns();
    let mut deployment = Deployment {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        name: columns.take()?,
        version: columns.take()?,
        description: columns.take()?,
        flow_id: columns.take()?,
        paused: columns.take()?,
        schedules: Vec::new(),
        concurrency_limit: None,
        global_concurrency_limit: None,
        concurrency_options: columns.take::<Option<Json<ConcurrencyOptions>>>()?.map(|Json(options)| options),
        job_variables: columns.take()?,
        parameters: columns.take()?,
        tags: columns.take()?,
        labels: columns.take()?,
        work_queue_name: columns.take()?,
        work_queue_id: columns.take()?,
        last_polled: columns.take()?,
        parameter_openapi_schema: columns.take()?,
        path: columns.take()?,
        pull_steps: columns.take()?,
        entrypoint: columns.take()?,
        storage_document_id: columns.take()?,
        infrastructure_document_id: columns.take()?,
        created_by: columns.take()?,
        updated_by: columns.take()?,
        work_pool_name: None,
        status: columns.take()?,
        enforce_parameter_schema: columns.take()?,
    };
    let stored_work_queue_name = deployment.work_queue_name.clone();
    let queue_name: Option<String> = columns.take()?;
    let work_pool_id = columns.take()?;
    if queue_name.is_some() {
        deployment.work_queue_name = queue_name;
    }
    deployment.work_pool_name = columns.take()?;
    if let Some(id) = columns.take()? {
        deployment.global_concurrency_limit = Some(DeploymentConcurrencyLimit {
            id,
            created: columns.take()?,
            updated: columns.take()?,
            active: columns.take()?,
            name: columns.take()?,
            limit: columns.take()?,
            active_slots: columns.take()?,
            slot_decay_per_second: columns.take()?,
        });
    }
    Ok(StoredDeployment { deployment, stored_work_queue_name, work_pool_id })
}

impl FromValue for DeploymentStatus {
    fn from_value(value: Value) -> Result<Self> {
        let text = String::from_value(value)?;
        [Self::Ready, Self::NotReady]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| StoreError::Corrupt(format!("not a deployment status: {text}")))
    }
}
