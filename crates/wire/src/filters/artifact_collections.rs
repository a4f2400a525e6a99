use serde::{Deserialize, Serialize};

use super::{AnyFilter, AnyOrNotFilter, KeyFilter, Operator};
use crate::ids::{ArtifactId, FlowRunId, TaskRunId};

/// Which of the newest artifacts of each key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactCollectionFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub latest_id: Option<AnyFilter<ArtifactId>>,
    #[serde(default)]
    pub key: Option<KeyFilter>,
    #[serde(default)]
    pub flow_run_id: Option<AnyFilter<FlowRunId>>,
    #[serde(default)]
    pub task_run_id: Option<AnyFilter<TaskRunId>>,
    #[serde(default)]
    pub r#type: Option<AnyOrNotFilter<String>>,
}
