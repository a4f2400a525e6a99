use serde::{Deserialize, Serialize};

use super::{AnyFilter, AnyOrNotFilter, AnyTagsFilter, EqualFilter, NameFilter, Operator};
use crate::ids::DeploymentId;

/// Which deployments.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyOrNotFilter<DeploymentId>>,
    #[serde(default)]
    pub name: Option<NameFilter>,
    #[serde(default)]
    pub flow_or_deployment_name: Option<LikeFilter>,
    #[serde(default)]
    pub paused: Option<EqualFilter>,
    #[serde(default)]
    pub tags: Option<AnyTagsFilter>,
    #[serde(default)]
    pub work_queue_name: Option<AnyFilter<String>>,
    #[serde(default)]
    pub concurrency_limit: Option<DeprecatedConcurrencyLimitFilter>,
}

/// The name contains a text, as in [`NameFilter`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LikeFilter {
    #[serde(default)]
    pub like_: Option<String>,
}

/// Accepted from old clients; filters nothing, as in the reference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeprecatedConcurrencyLimitFilter {
    #[serde(default)]
    pub ge_: Option<i64>,
    #[serde(default)]
    pub le_: Option<i64>,
    #[serde(default)]
    pub is_null_: Option<bool>,
}
