//! Flows.

use serde::{Deserialize, Serialize};

use crate::ids::FlowId;
use crate::json::RawJson;
use crate::patch::Patch;
use crate::time::Timestamp;

/// A flow, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    pub id: FlowId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub tags: Vec<String>,
    pub labels: RawJson,
}

/// Body of `POST /flows/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowCreate {
    pub name: crate::names::Name,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub labels: Option<RawJson>,
}

/// Body of `PATCH /flows/{id}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowUpdate {
    #[serde(default)]
    pub tags: Patch<Vec<String>>,
}
