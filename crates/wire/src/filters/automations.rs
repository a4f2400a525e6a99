use serde::{Deserialize, Serialize};

use super::{AnyFilter, AnyTagsFilter, Operator};
use crate::ids::AutomationId;
use crate::time::Timestamp;

/// Which automations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutomationFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyFilter<AutomationId>>,
    #[serde(default)]
    pub name: Option<AnyFilter<String>>,
    #[serde(default)]
    pub created: Option<CreatedBeforeFilter>,
    #[serde(default)]
    pub tags: Option<AnyTagsFilter>,
}

/// Created at this time or before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreatedBeforeFilter {
    #[serde(default)]
    pub before_: Option<Timestamp>,
}
