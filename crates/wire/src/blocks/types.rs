use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::ids::BlockTypeId;
use crate::names::Name;
use crate::patch::Patch;
use crate::time::Timestamp;

/// A kind of block, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockType {
    pub id: BlockTypeId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub slug: String,
    pub logo_url: Option<String>,
    pub documentation_url: Option<String>,
    pub description: Option<String>,
    pub code_example: Option<String>,
    /// Protected types cannot be deleted.
    pub is_protected: bool,
}

/// Body of `POST /block_types/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockTypeCreate {
    pub name: Name,
    pub slug: BlockTypeSlug,
    #[serde(default)]
    pub logo_url: Option<String>,
    #[serde(default)]
    pub documentation_url: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub code_example: Option<String>,
}

/// Body of `PATCH /block_types/{id}`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockTypeUpdate {
    #[serde(default)]
    pub logo_url: Patch<String>,
    #[serde(default)]
    pub documentation_url: Patch<String>,
    #[serde(default)]
    pub description: Patch<String>,
    #[serde(default)]
    pub code_example: Patch<String>,
}

/// Lower-case letters, digits and `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockTypeSlug(String);

impl Deref for BlockTypeSlug {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for BlockTypeSlug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let slug = String::deserialize(deserializer)?;
        if !super::documents::has_only_slug_characters(&slug) {
            return Err(de::Error::custom(
                "Block type slug must only contain lowercase letters, numbers, and dashes.",
            ));
        }
        Ok(Self(slug))
    }
}

#[cfg(test)]
mod tests {
    use super::BlockTypeCreate;

    #[test]
    fn names_and_slugs_are_checked() {
        let cases = [
            (r#"{"name":"My Type","slug":"my-type"}"#, true),
            (r#"{"name":"My Type","slug":"My-Type"}"#, false),
            (r#"{"name":"My Type","slug":"my_type"}"#, false),
            (r#"{"name":"My/Type","slug":"my-type"}"#, false),
            (r#"{"name":"","slug":"my-type"}"#, false),
            (r#"{"name":"My Type"}"#, false),
            (r#"{"name":"x","slug":"x","is_protected":true}"#, false),
            (r#"{"name":"x","slug":"x","logo_url":null,"description":"d"}"#, true),
        ];
        for (text, is_valid) in cases {
            assert_eq!(serde_json::from_str::<BlockTypeCreate>(text).is_ok(), is_valid, "{text}");
        }
    }
}
