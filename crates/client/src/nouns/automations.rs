//! `/automations`

use serde::Serialize;
use sluice_wire::automations::Automation;
use sluice_wire::ids::AutomationId;

use super::{all_pages, segment};
use crate::{Client, ClientError};

impl Client {
    /// The automation with this id.
    pub async fn automation(&self, id: AutomationId) -> Result<Automation, ClientError> {
        self.get(&format!("/automations/{id}")).await
    }

    /// The automations that match the body of `POST /automations/filter` (without its page), `most` at the most.
    pub async fn automations(
        &self,
        body: &impl Serialize,
        most: usize,
    ) -> Result<Vec<Automation>, ClientError> {
        all_pages!(self, "/automations/filter", body, most)
    }

    /// Creates an automation.
    pub async fn create_automation(&self, body: &impl Serialize) -> Result<Automation, ClientError> {
        self.post("/automations/", body).await
    }

    /// Replaces an automation.
    pub async fn replace_automation(
        &self,
        id: AutomationId,
        body: &impl Serialize,
    ) -> Result<(), ClientError> {
        self.put(&format!("/automations/{id}"), body).await
    }

    /// Switches an automation on or off.
    pub async fn enable_automation(&self, id: AutomationId, enabled: bool) -> Result<(), ClientError> {
        self.patch(&format!("/automations/{id}"), &serde_json::json!({ "enabled": enabled })).await
    }

    /// Deletes an automation.
    pub async fn delete_automation(&self, id: AutomationId) -> Result<(), ClientError> {
        self.delete(&format!("/automations/{id}")).await
    }

    /// Deletes the automations that belong to a resource such as `prefect.deployment.<id>`.
    pub async fn delete_automations_owned_by(&self, resource: &str) -> Result<(), ClientError> {
        self.delete(&format!("/automations/owned-by/{}", segment(resource))).await
    }
}
