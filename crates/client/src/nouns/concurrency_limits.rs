//! `/concurrency_limits` (of tags) and `/v2/concurrency_limits` (global).

use serde::{Deserialize, Serialize};
use sluice_wire::concurrency_limits::{ConcurrencyLimit, GlobalConcurrencyLimit};
use sluice_wire::json::RawJson;
use uuid::Uuid;

use super::{all_pages, segment};
use crate::{Client, ClientError};

/// Slots that were taken for a time.
#[derive(Debug, Clone, Deserialize)]
pub struct IncrementedWithLease {
    /// What renews and ends the hold.
    pub lease_id: Uuid,
    /// The limits of which slots were taken; those that do not exist are left out.
    pub limits: Vec<RawJson>,
}

impl Client {
    /// The limits of tags.
    pub async fn tag_limits(&self, most: usize) -> Result<Vec<ConcurrencyLimit>, ClientError> {
        all_pages!(self, "/concurrency_limits/filter", &serde_json::Map::new(), most)
    }

    /// The limit of a tag, if there is one.
    pub async fn tag_limit(&self, tag: &str) -> Result<Option<ConcurrencyLimit>, ClientError> {
        self.find(&format!("/concurrency_limits/tag/{}", segment(tag))).await
    }

    /// Creates the limit of a tag, or changes it.
    pub async fn create_tag_limit(&self, tag: &str, limit: i64) -> Result<ConcurrencyLimit, ClientError> {
        let body = serde_json::json!({ "tag": tag, "concurrency_limit": limit });
        self.post("/concurrency_limits/", &body).await
    }

    /// Frees the slots of a tag's limit.
    pub async fn reset_tag_limit(&self, tag: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.post_only(&format!("/concurrency_limits/tag/{}/reset", segment(tag)), body).await
    }

    /// Deletes the limit of a tag.
    pub async fn delete_tag_limit(&self, tag: &str) -> Result<(), ClientError> {
        self.delete(&format!("/concurrency_limits/tag/{}", segment(tag))).await
    }

    /// The global limits.
    pub async fn global_limits(&self, most: usize) -> Result<Vec<GlobalConcurrencyLimit>, ClientError> {
        all_pages!(self, "/v2/concurrency_limits/filter", &serde_json::Map::new(), most)
    }

    /// The global limit with this name or id, if there is one.
    pub async fn global_limit(&self, name: &str) -> Result<Option<GlobalConcurrencyLimit>, ClientError> {
        self.find(&format!("/v2/concurrency_limits/{}", segment(name))).await
    }

    /// Creates a global limit.
    pub async fn create_global_limit(&self, body: &impl Serialize) -> Result<RawJson, ClientError> {
        self.post("/v2/concurrency_limits/", body).await
    }

    /// Changes the fields that `body` has.
    pub async fn update_global_limit(&self, name: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.patch(&format!("/v2/concurrency_limits/{}", segment(name)), body).await
    }

    /// Deletes a global limit.
    pub async fn delete_global_limit(&self, name: &str) -> Result<(), ClientError> {
        self.delete(&format!("/v2/concurrency_limits/{}", segment(name))).await
    }
}
