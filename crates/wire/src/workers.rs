//! Workers: the processes that take runs from a pool and start their infrastructure.

use serde::{Deserialize, Serialize};

use crate::ids::{WorkPoolId, WorkerId};
use crate::time::Timestamp;

/// Whether a worker was heard of lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkerStatus {
    /// Its last heartbeat is recent.
    Online,
    /// It missed several heartbeats.
    Offline,
}

impl WorkerStatus {
    /// As it travels and as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "ONLINE",
            Self::Offline => "OFFLINE",
        }
    }
}

/// A worker, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Worker {
    pub id: WorkerId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub work_pool_id: WorkPoolId,
    pub last_heartbeat_time: Option<Timestamp>,
    pub heartbeat_interval_seconds: Option<i64>,
    pub status: WorkerStatus,
}

/// Body of `POST /work_pools/{name}/workers/heartbeat`.
#[derive(Debug, Clone, Deserialize)]
pub struct Heartbeat {
    pub name: String,
    #[serde(default)]
    pub heartbeat_interval_seconds: Option<i64>,
}
