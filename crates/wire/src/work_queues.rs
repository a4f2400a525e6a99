//! Work queues: the order in which a pool's runs are taken.

use serde::{Deserialize, Deserializer, Serialize, de};
use uuid::Uuid;

use crate::ids::{DeploymentId, WorkPoolId, WorkQueueId};
use crate::json::RawJson;
use crate::names::Name;
use crate::numbers::{NonNegative, Positive};
use crate::patch::Patch;
use crate::time::Timestamp;
use crate::work_pools::SlotHolder;

/// Whether somebody takes runs from a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkQueueStatus {
    /// Polled lately.
    Ready,
    /// Not polled lately.
    NotReady,
    /// Paused by a user.
    Paused,
}

impl WorkQueueStatus {
    /// As it travels and as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::NotReady => "NOT_READY",
            Self::Paused => "PAUSED",
        }
    }

    /// As it stands in the names of events.
    pub const fn in_kebab_case(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not-ready",
            Self::Paused => "paused",
        }
    }
}

/// A work queue, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkQueue {
    pub id: WorkQueueId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub description: Option<String>,
    pub is_paused: bool,
    pub concurrency_limit: Option<i64>,
    /// 1 is taken first.
    pub priority: i64,
    pub work_pool_id: Option<WorkPoolId>,
    /// Deprecated by the reference, which still stores it.
    pub filter: Option<RawJson>,
    pub last_polled: Option<Timestamp>,
    pub work_pool_name: Option<String>,
    pub status: Option<WorkQueueStatus>,
    /// Runs that are pending or running; null without a concurrency limit.
    pub active_slots: Option<i64>,
}

/// Body of `POST /work_queues/` and `POST /work_pools/{name}/queues`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkQueueCreate {
    pub name: Name,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub is_paused: bool,
    #[serde(default)]
    pub concurrency_limit: Option<NonNegative>,
    #[serde(default)]
    pub priority: Option<Positive>,
    #[serde(default, deserialize_with = "queue_filter")]
    pub filter: Option<RawJson>,
}

/// Which runs a queue takes, as old agents asked for it. It is checked and stored, and has no effect.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct QueueFilter {
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    deployment_ids: Option<Vec<DeploymentId>>,
}

fn queue_filter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RawJson>, D::Error> {
    let filter = Option::<QueueFilter>::deserialize(deserializer)?;
    filter.map(|filter| RawJson::from_value(&filter)).transpose().map_err(de::Error::custom)
}

fn patched_queue_filter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch<RawJson>, D::Error> {
    Ok(queue_filter(deserializer)?.map_or(Patch::Null, Patch::Value))
}

/// Body of `PATCH /work_queues/{id}` and `PATCH /work_pools/{name}/queues/{name}`: only what was sent changes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkQueueUpdate {
    #[serde(default)]
    pub name: Patch<String>,
    #[serde(default)]
    pub description: Patch<String>,
    #[serde(default)]
    pub is_paused: Patch<bool>,
    #[serde(default)]
    pub concurrency_limit: Patch<NonNegative>,
    #[serde(default)]
    pub priority: Patch<Positive>,
    #[serde(default)]
    pub last_polled: Patch<Timestamp>,
    #[serde(default, deserialize_with = "patched_queue_filter")]
    pub filter: Patch<RawJson>,
}

/// Body of `POST /work_queues/{id}/get_runs`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct GetRuns {
    #[serde(default)]
    pub limit: Option<i64>,
    #[serde(default)]
    pub scheduled_before: Option<Timestamp>,
    /// Sent by agents of old; not looked at.
    #[serde(default)]
    pub agent_id: Option<Uuid>,
}

/// When a queue counts as healthy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HealthCheckPolicy {
    pub maximum_late_runs: Option<i64>,
    pub maximum_seconds_since_last_polled: Option<i64>,
}

/// Answer of `GET /work_queues/{id}/status`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkQueueStatusDetail {
    pub healthy: bool,
    pub late_runs_count: i64,
    pub last_polled: Option<Timestamp>,
    pub health_check_policy: HealthCheckPolicy,
}

/// Body of `POST /work_queues/{id}/concurrency_status`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct QueueConcurrencyStatusRequest {
    /// Which page of runs, from 1 on.
    #[serde(default, deserialize_with = "crate::filters::at_least::<1, _>")]
    pub page: Option<i64>,
    /// Runs on a page.
    #[serde(default)]
    pub limit: Option<i64>,
}

/// Answer of `POST /work_queues/{id}/concurrency_status`: a page of the runs that hold the queue's slots.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkQueueConcurrencyStatus {
    /// Slots taken, on whichever page.
    pub active_slots: i64,
    pub concurrency_limit: Option<i64>,
    pub flow_runs: Vec<SlotHolder>,
    /// Runs that hold slots.
    pub count: i64,
    pub limit: i64,
    pub pages: i64,
    pub page: i64,
}
