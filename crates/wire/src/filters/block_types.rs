use serde::{Deserialize, Serialize};

use super::{AnyFilter, LikeFilter};

/// Which block types.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockTypeFilter {
    #[serde(default)]
    pub name: Option<LikeFilter>,
    #[serde(default)]
    pub slug: Option<AnyFilter<String>>,
}
