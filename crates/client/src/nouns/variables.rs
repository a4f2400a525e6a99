//! `/variables`

use serde::Serialize;
use sluice_wire::variables::Variable;

use super::{all_pages, segment};
use crate::{Client, ClientError};

impl Client {
    /// The variable with this name, if there is one.
    pub async fn variable(&self, name: &str) -> Result<Option<Variable>, ClientError> {
        self.find(&format!("/variables/name/{}", segment(name))).await
    }

    /// The variables that match the body of `POST /variables/filter` (without its page), `most` at the most.
    pub async fn variables(&self, body: &impl Serialize, most: usize) -> Result<Vec<Variable>, ClientError> {
        all_pages!(self, "/variables/filter", body, most)
    }

    /// Creates a variable.
    pub async fn create_variable(&self, body: &impl Serialize) -> Result<Variable, ClientError> {
        self.post("/variables/", body).await
    }

    /// Changes the fields that `body` has.
    pub async fn update_variable(&self, name: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.patch(&format!("/variables/name/{}", segment(name)), body).await
    }

    /// Deletes a variable.
    pub async fn delete_variable(&self, name: &str) -> Result<(), ClientError> {
        self.delete(&format!("/variables/name/{}", segment(name))).await
    }
}
