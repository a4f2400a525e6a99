use serde::{Deserialize, Serialize};

use super::{AnyFilter, Operator};
use crate::ids::WorkQueueId;

/// Which work queues.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkQueueFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyFilter<WorkQueueId>>,
    #[serde(default)]
    pub name: Option<WorkQueueNameFilter>,
}

/// The name is one of a list, or begins with one of a list (in any case of letters; an empty list of beginnings
/// matches everything).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkQueueNameFilter {
    #[serde(default)]
    pub any_: Option<Vec<String>>,
    #[serde(default)]
    pub startswith_: Option<Vec<String>>,
}
