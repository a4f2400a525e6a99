//! `/deployments`

use serde::Serialize;
use serde_json::{Map, Value};
use sluice_wire::deployments::{Deployment, DeploymentSchedule};
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{DeploymentId, ScheduleId};

use super::{all_pages, segment};
use crate::{Client, ClientError};

/// How a user names a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentLookup {
    /// By its id.
    Id(DeploymentId),
    /// By the names of its flow and its own: `flow/deployment`.
    Name {
        /// The name of the flow.
        flow: String,
        /// The name of the deployment.
        deployment: String,
    },
}

/// Body of `POST /deployments/{id}/create_flow_run`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CreateFlowRun {
    /// Values that differ from those of the deployment.
    pub parameters: Map<String, Value>,
    /// A random name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The first state, by default SCHEDULED for now.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub state: Value,
    /// Tags besides those of the deployment.
    pub tags: Vec<String>,
    /// Variables of the job template that differ from those of the deployment.
    pub job_variables: Map<String, Value>,
    /// Two requests with the same key make one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// The queue, if it is not that of the deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_queue_name: Option<String>,
}

impl Client {
    /// The deployment with this id.
    pub async fn deployment(&self, id: DeploymentId) -> Result<Deployment, ClientError> {
        self.get(&format!("/deployments/{id}")).await
    }

    /// The deployment of that flow with this name, if there is one.
    pub async fn deployment_by_name(
        &self,
        flow: &str,
        name: &str,
    ) -> Result<Option<Deployment>, ClientError> {
        self.find(&format!("/deployments/name/{}/{}", segment(flow), segment(name))).await
    }

    /// The deployment that a user names.
    pub async fn look_up_deployment(
        &self,
        lookup: &DeploymentLookup,
    ) -> Result<Option<Deployment>, ClientError> {
        match lookup {
            DeploymentLookup::Id(id) => self.find(&format!("/deployments/{id}")).await,
            DeploymentLookup::Name { flow, deployment } => self.deployment_by_name(flow, deployment).await,
        }
    }

    /// The deployments that match the body of `POST /deployments/filter` (without its page), `most` at the most.
    pub async fn deployments(
        &self,
        body: &impl Serialize,
        most: usize,
    ) -> Result<Vec<Deployment>, ClientError> {
        all_pages!(self, "/deployments/filter", body, most)
    }

    /// Creates a deployment, or replaces the one of that name.
    pub async fn create_deployment(&self, body: &impl Serialize) -> Result<Deployment, ClientError> {
        self.post("/deployments/", body).await
    }

    /// Changes the fields that `body` has.
    pub async fn update_deployment(
        &self,
        id: DeploymentId,
        body: &impl Serialize,
    ) -> Result<(), ClientError> {
        self.patch(&format!("/deployments/{id}"), body).await
    }

    /// Deletes a deployment; its runs stay.
    pub async fn delete_deployment(&self, id: DeploymentId) -> Result<(), ClientError> {
        self.delete(&format!("/deployments/{id}")).await
    }

    /// Lets the schedules of a deployment make no more runs.
    pub async fn pause_deployment(&self, id: DeploymentId) -> Result<(), ClientError> {
        self.post_only(&format!("/deployments/{id}/pause_deployment"), &Map::new()).await
    }

    /// Lets them make runs again.
    pub async fn resume_deployment(&self, id: DeploymentId) -> Result<(), ClientError> {
        self.post_only(&format!("/deployments/{id}/resume_deployment"), &Map::new()).await
    }

    /// Makes a run of a deployment.
    pub async fn create_flow_run(
        &self,
        id: DeploymentId,
        body: &CreateFlowRun,
    ) -> Result<FlowRun, ClientError> {
        self.post(&format!("/deployments/{id}/create_flow_run"), body).await
    }

    /// The schedules of a deployment.
    pub async fn deployment_schedules(
        &self,
        id: DeploymentId,
    ) -> Result<Vec<DeploymentSchedule>, ClientError> {
        self.get(&format!("/deployments/{id}/schedules")).await
    }

    /// Adds schedules; `body` is a list of them.
    pub async fn create_deployment_schedules(
        &self,
        id: DeploymentId,
        body: &impl Serialize,
    ) -> Result<Vec<DeploymentSchedule>, ClientError> {
        self.post(&format!("/deployments/{id}/schedules"), body).await
    }

    /// Changes the fields of a schedule that `body` has.
    pub async fn update_deployment_schedule(
        &self,
        id: DeploymentId,
        schedule: ScheduleId,
        body: &impl Serialize,
    ) -> Result<(), ClientError> {
        self.patch(&format!("/deployments/{id}/schedules/{schedule}"), body).await
    }

    /// Deletes a schedule.
    pub async fn delete_deployment_schedule(
        &self,
        id: DeploymentId,
        schedule: ScheduleId,
    ) -> Result<(), ClientError> {
        self.delete(&format!("/deployments/{id}/schedules/{schedule}")).await
    }
}
