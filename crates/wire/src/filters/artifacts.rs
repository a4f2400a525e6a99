use serde::{Deserialize, Serialize};

use super::{AnyFilter, AnyOrNotFilter, Operator};
use crate::ids::{ArtifactId, FlowRunId, TaskRunId};

/// Which artifacts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyFilter<ArtifactId>>,
    #[serde(default)]
    pub key: Option<KeyFilter>,
    #[serde(default)]
    pub flow_run_id: Option<AnyFilter<FlowRunId>>,
    #[serde(default)]
    pub task_run_id: Option<AnyFilter<TaskRunId>>,
    #[serde(default)]
    pub r#type: Option<AnyOrNotFilter<String>>,
}

/// The key is one of a list, contains a text (as in [`super::NameFilter`]), or is there at all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFilter {
    #[serde(default)]
    pub any_: Option<Vec<String>>,
    #[serde(default)]
    pub like_: Option<String>,
    #[serde(default)]
    pub exists_: Option<bool>,
}
