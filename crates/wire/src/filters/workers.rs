use serde::{Deserialize, Serialize};

use super::{AnyOrNotFilter, Operator, TimeFilter};

/// Which workers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub last_heartbeat_time: Option<TimeFilter>,
    #[serde(default)]
    pub status: Option<AnyOrNotFilter<WorkerStatusTerm>>,
}

/// A status that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkerStatusTerm {
    /// Heard of lately.
    Online,
    /// Not heard of for several heartbeats.
    Offline,
}

impl WorkerStatusTerm {
    /// As it travels and as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "ONLINE",
            Self::Offline => "OFFLINE",
        }
    }
}
