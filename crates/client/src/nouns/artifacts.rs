//! `/artifacts`

use serde::Serialize;
use sluice_wire::artifacts::{Artifact, ArtifactCollection};
use sluice_wire::ids::ArtifactId;

use super::all_pages;
use crate::{Client, ClientError};

impl Client {
    /// The artifacts that match the body of `POST /artifacts/filter` (without its page), `most` at the most.
    pub async fn artifacts(&self, body: &impl Serialize, most: usize) -> Result<Vec<Artifact>, ClientError> {
        all_pages!(self, "/artifacts/filter", body, most)
    }

    /// The newest artifact of each key, of those that match.
    pub async fn latest_artifacts(
        &self,
        body: &impl Serialize,
        most: usize,
    ) -> Result<Vec<ArtifactCollection>, ClientError> {
        all_pages!(self, "/artifacts/latest/filter", body, most)
    }

    /// Deletes an artifact.
    pub async fn delete_artifact(&self, id: ArtifactId) -> Result<(), ClientError> {
        self.delete(&format!("/artifacts/{id}")).await
    }
}
