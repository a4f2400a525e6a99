//! `/flows`

use serde::Serialize;
use serde_json::json;
use sluice_wire::flows::Flow;
use sluice_wire::ids::FlowId;

use super::{all_pages, segment};
use crate::{Client, ClientError};

impl Client {
    /// Makes sure that a flow with this name exists, and returns it.
    pub async fn create_flow(&self, name: &str, labels: &impl Serialize) -> Result<Flow, ClientError> {
        self.post("/flows/", &json!({ "name": name, "tags": [], "labels": labels })).await
    }

    /// The flow with this id.
    pub async fn flow(&self, id: FlowId) -> Result<Flow, ClientError> {
        self.get(&format!("/flows/{id}")).await
    }

    /// The flow with this name, if there is one.
    pub async fn flow_by_name(&self, name: &str) -> Result<Option<Flow>, ClientError> {
        self.find(&format!("/flows/name/{}", segment(name))).await
    }

    /// The flows that match the body of `POST /flows/filter` (without its page), `most` at the most.
    pub async fn flows(&self, body: &impl Serialize, most: usize) -> Result<Vec<Flow>, ClientError> {
        all_pages!(self, "/flows/filter", body, most)
    }

    /// Deletes a flow with its runs and deployments.
    pub async fn delete_flow(&self, id: FlowId) -> Result<(), ClientError> {
        self.delete(&format!("/flows/{id}")).await
    }
}
