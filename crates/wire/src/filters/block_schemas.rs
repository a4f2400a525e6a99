use serde::{Deserialize, Serialize};

use super::{AnyFilter, Operator};
use crate::ids::{BlockSchemaId, BlockTypeId};

/// Which schemas of blocks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockSchemaFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub block_type_id: Option<AnyFilter<BlockTypeId>>,
    #[serde(default)]
    pub block_capabilities: Option<BlockCapabilityFilter>,
    #[serde(default)]
    pub id: Option<AnyFilter<BlockSchemaId>>,
    #[serde(default)]
    pub version: Option<AnyFilter<String>>,
}

/// The capabilities contain all of a list; an empty list matches everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockCapabilityFilter {
    #[serde(default)]
    pub all_: Option<Vec<String>>,
}
