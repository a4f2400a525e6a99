use serde::{Deserialize, Serialize};

use super::{AnyFilter, EqualFilter, NameFilter, Operator};
use crate::ids::{BlockDocumentId, BlockTypeId};

/// Which block documents. Anonymous ones are left out unless `is_anonymous` says otherwise; null: both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockDocumentFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyFilter<BlockDocumentId>>,
    #[serde(default = "named")]
    pub is_anonymous: Option<EqualFilter>,
    #[serde(default)]
    pub block_type_id: Option<AnyFilter<BlockTypeId>>,
    #[serde(default)]
    pub name: Option<NameFilter>,
}

impl Default for BlockDocumentFilter {
    fn default() -> Self {
        Self {
            operator: Operator::default(),
            id: None,
            is_anonymous: named(),
            block_type_id: None,
            name: None,
        }
    }
}

impl BlockDocumentFilter {
    /// These documents, anonymous or not.
    pub fn ids(ids: Vec<BlockDocumentId>) -> Self {
        Self { id: Some(AnyFilter { any_: Some(ids) }), is_anonymous: None, ..Self::default() }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn named() -> Option<EqualFilter> {
    Some(EqualFilter { eq_: Some(false) })
}

#[cfg(test)]
mod tests {
    use super::BlockDocumentFilter;

    #[test]
    fn anonymous_documents_are_asked_for_explicitly() {
        let cases = [
            ("{}", Some(Some(false))),
            (r#"{"is_anonymous":null}"#, None),
            (r#"{"is_anonymous":{}}"#, Some(None)),
            (r#"{"is_anonymous":{"eq_":true}}"#, Some(Some(true))),
        ];
        for (text, expected) in cases {
            let filter: BlockDocumentFilter = serde_json::from_str(text).expect("valid");
            assert_eq!(filter.is_anonymous.map(|criterion| criterion.eq_), expected, "{text}");
        }
    }
}
