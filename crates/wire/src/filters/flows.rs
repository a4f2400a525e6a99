use serde::{Deserialize, Serialize};

use super::{AnyOrNotFilter, NameFilter, Operator, TagsFilter};
use crate::ids::FlowId;

/// Which flows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyOrNotFilter<FlowId>>,
    #[serde(default)]
    pub deployment: Option<FlowDeploymentFilter>,
    #[serde(default)]
    pub name: Option<NameFilter>,
    #[serde(default)]
    pub tags: Option<TagsFilter>,
}

/// Whether the flow has a deployment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowDeploymentFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub is_null_: Option<bool>,
}
