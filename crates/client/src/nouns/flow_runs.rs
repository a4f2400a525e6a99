//! `/flow_runs`

use serde::Serialize;
use serde_json::{Value, json};
use sluice_wire::flow_runs::{FlowRun, Graph};
use sluice_wire::ids::FlowRunId;
use sluice_wire::orchestration_results::{OrchestrationResult, SetStateStatus, StateResponseDetails};
use sluice_wire::states::{State, StateType};
use uuid::Uuid;

use super::all_pages;
use crate::{Client, ClientError};

/// A state as a client proposes it.
#[derive(Debug, Clone, Serialize)]
pub struct SetStateBody {
    /// The type of the state.
    pub r#type: StateType,
    /// Its name, if it is not that of its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Facts such as `scheduled_time`.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub state_details: Value,
}

impl SetStateBody {
    /// A state with the name of its type.
    pub fn new(r#type: StateType) -> Self {
        Self { r#type, name: None, message: None, state_details: Value::Null }
    }

    /// The same under another name.
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// The same with a message.
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }
}

impl Client {
    /// The flow run with this id.
    pub async fn flow_run(&self, id: FlowRunId) -> Result<FlowRun, ClientError> {
        self.get(&format!("/flow_runs/{id}")).await
    }

    /// The flow runs that match the body of `POST /flow_runs/filter` (without its page), `most` at the most.
    pub async fn flow_runs(&self, body: &impl Serialize, most: usize) -> Result<Vec<FlowRun>, ClientError> {
        all_pages!(self, "/flow_runs/filter", body, most)
    }

    /// How many flow runs match.
    pub async fn count_flow_runs(&self, body: &impl Serialize) -> Result<i64, ClientError> {
        self.post("/flow_runs/count", body).await
    }

    /// Changes the fields that `body` has.
    pub async fn update_flow_run(&self, id: FlowRunId, body: &impl Serialize) -> Result<(), ClientError> {
        self.patch(&format!("/flow_runs/{id}"), body).await
    }

    /// Adds labels to those that the run has.
    pub async fn label_flow_run(&self, id: FlowRunId, labels: &impl Serialize) -> Result<(), ClientError> {
        self.patch(&format!("/flow_runs/{id}/labels"), labels).await
    }

    /// Proposes a state; the answer says whether it was accepted. `force` passes over most rules.
    ///
    /// The proposal has a `transition_id`, so that one whose answer was lost can be made again: the server then refuses
    /// the second because of the first, and it counts as accepted here.
    pub async fn set_flow_run_state(
        &self,
        id: FlowRunId,
        state: &SetStateBody,
        force: bool,
    ) -> Result<OrchestrationResult, ClientError> {
        let transition = Uuid::new_v4();
        let mut state = state.clone();
        if state.state_details.is_null() {
            state.state_details = json!({});
        }
        state.state_details["transition_id"] = json!(transition);
        let body = json!({ "state": state, "force": force });
        let mut answer: OrchestrationResult = self.post(&format!("/flow_runs/{id}/set_state"), &body).await?;
        let kept = answer.state.as_ref().and_then(|state| state.state_details.transition_id);
        if answer.status == SetStateStatus::Reject && kept == Some(transition) {
            answer.status = SetStateStatus::Accept;
            answer.details = StateResponseDetails::Accept {};
        }
        Ok(answer)
    }

    /// Deletes a run with its states, task runs and logs.
    pub async fn delete_flow_run(&self, id: FlowRunId) -> Result<(), ClientError> {
        self.delete(&format!("/flow_runs/{id}")).await
    }

    /// The states of a run, oldest first.
    pub async fn flow_run_states(&self, id: FlowRunId) -> Result<Vec<State>, ClientError> {
        self.get(&format!("/flow_run_states/?flow_run_id={id}")).await
    }

    /// The task runs and subflows of a run, and how they hang together.
    pub async fn flow_run_graph(&self, id: FlowRunId) -> Result<Graph, ClientError> {
        self.get(&format!("/flow_runs/{id}/graph-v2")).await
    }
}
