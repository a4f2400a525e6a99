use serde::{Deserialize, Serialize};

use super::{AnyFilter, Operator};
use crate::ids::WorkPoolId;

/// Which work pools.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkPoolFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyFilter<WorkPoolId>>,
    #[serde(default)]
    pub name: Option<AnyFilter<String>>,
    #[serde(default)]
    pub r#type: Option<AnyFilter<String>>,
}
