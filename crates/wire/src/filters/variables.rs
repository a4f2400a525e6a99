use serde::{Deserialize, Serialize};

use super::{AnyFilter, NameFilter, Operator, TagsFilter};
use crate::ids::VariableId;

/// Which variables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyFilter<VariableId>>,
    #[serde(default)]
    pub name: Option<NameFilter>,
    #[serde(default)]
    pub tags: Option<TagsFilter>,
}
