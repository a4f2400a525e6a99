//! Flows.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::filters::FlowFilter;
use crate::ids::{FlowId, FlowRunId};
use crate::json::RawJson;
use crate::labels::KeyValueLabels;
use crate::patch::Patch;
use crate::states::StateType;
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
    #[serde(default, deserialize_with = "labels")]
    pub labels: Option<RawJson>,
}

/// Body of `PATCH /flows/{id}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowUpdate {
    #[serde(default, deserialize_with = "tags")]
    pub tags: Patch<Vec<String>>,
}

/// Tags may be left out, but not be null.
fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch<Vec<String>>, D::Error> {
    Vec::deserialize(deserializer).map(Patch::Value)
}

fn labels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RawJson>, D::Error> {
    let labels = Option::<KeyValueLabels>::deserialize(deserializer)?;
    labels.map(|labels| RawJson::from_value(&labels)).transpose().map_err(de::Error::custom)
}

/// How many flows one call deletes at most.
pub const MOST_BULK_DELETED: i64 = 50;

/// Body of `POST /flows/bulk_delete`.
#[derive(Debug, Clone, Deserialize)]
pub struct FlowBulkDelete {
    #[serde(default)]
    pub flows: Option<FlowFilter>,
    #[serde(default = "most_bulk_deleted", deserialize_with = "bulk_limit")]
    pub limit: i64,
}

fn most_bulk_deleted() -> i64 {
    MOST_BULK_DELETED
}

fn bulk_limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    match Option::<i64>::deserialize(deserializer)? {
        None => Ok(MOST_BULK_DELETED),
        Some(limit) if limit < 1 => {
            Err(de::Error::custom("[greater_than_equal] Input should be greater than or equal to 1"))
        }
        Some(limit) if limit > MOST_BULK_DELETED => Err(de::Error::custom(format!(
            "[less_than_equal] Input should be less than or equal to {MOST_BULK_DELETED}"
        ))),
        Some(limit) => Ok(limit),
    }
}

/// Answer of `POST /flows/bulk_delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowBulkDeleted {
    pub deleted: Vec<FlowId>,
}

/// Body of the routes of the user interface about several flows.
#[derive(Debug, Clone, Deserialize)]
pub struct FlowIds {
    pub flow_ids: Vec<FlowId>,
}

/// The next scheduled run of a flow, as the user interface reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextFlowRun {
    pub id: FlowRunId,
    pub flow_id: FlowId,
    pub name: String,
    pub state_name: String,
    pub state_type: StateType,
    pub next_scheduled_start_time: Timestamp,
}
