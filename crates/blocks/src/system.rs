//! The blocks that every server knows: the types that the SDK itself has, and those of its collections. Clients
//! find their schemas by checksum and register nothing.
//!
//! `system_blocks.json` is made by `scripts/system_blocks.py` from the installed SDK.

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

const DATA: &str = include_str!("system_blocks.json");

/// Types and schemas, as they are stored.
#[derive(Debug, Deserialize)]
pub struct SystemBlocks {
    /// In the order of their slugs.
    pub types: Vec<SystemType>,
    /// Nested schemas come before those that they are nested in.
    pub schemas: Vec<SystemSchema>,
}

/// A type. Its texts are escaped already.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "the words are the protocol's own")]
pub struct SystemType {
    pub name: String,
    pub slug: String,
    pub logo_url: Option<String>,
    pub documentation_url: Option<String>,
    pub description: Option<String>,
    pub code_example: Option<String>,
    pub is_protected: bool,
}

/// A schema, without the schemas nested in it.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "the words are the protocol's own")]
pub struct SystemSchema {
    pub block_type_slug: String,
    pub checksum: String,
    pub version: String,
    pub capabilities: Vec<String>,
    pub fields: Box<RawValue>,
    pub references: Vec<SystemReference>,
}

/// A field that holds another block.
#[derive(Debug, Clone, Deserialize)]
pub struct SystemReference {
    /// The field.
    pub name: String,
    /// Of the other schema.
    pub checksum: String,
    /// Of the other schema.
    pub version: String,
}

impl SystemBlocks {
    /// Reads the data.
    pub fn load() -> Result<Self, serde_json::Error> {
        serde_json::from_str(DATA)
    }

    /// The protected types alone, with their schemas.
    #[must_use]
    pub fn only_protected(mut self) -> Self {
        self.types.retain(|block| block.is_protected);
        let is_kept =
            |schema: &SystemSchema| self.types.iter().any(|kept| kept.slug == schema.block_type_slug);
        self.schemas.retain(is_kept);
        self
    }
}

/// Changes whenever the data change.
pub fn fingerprint() -> String {
    Sha256::digest(DATA.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::SystemBlocks;
    use crate::{Object, SchemaNode, checksum, full_fields};

    #[test]
    fn the_checksums_follow_from_the_fields() {
        let blocks = SystemBlocks::load().expect("the data are valid");
        let places: HashMap<_, _> = blocks
            .schemas
            .iter()
            .enumerate()
            .map(|(place, schema)| ((&schema.checksum, &schema.version), place))
            .collect();
        let nodes: Vec<SchemaNode> = blocks
            .schemas
            .iter()
            .map(|schema| SchemaNode {
                fields: serde_json::from_str::<Object>(schema.fields.get()).expect("an object"),
                checksum: schema.checksum.clone(),
                block_type_slug: schema.block_type_slug.clone(),
                references: schema
                    .references
                    .iter()
                    .map(|child| (child.name.clone(), places[&(&child.checksum, &child.version)]))
                    .collect(),
            })
            .collect();
        // One that came with another, or brought others, was hashed with definitions that are not kept.
        let stands_alone = |place: usize| {
            let schema = &blocks.schemas[place];
            schema.version != "non-versioned" && schema.references.is_empty()
        };
        for (place, node) in nodes.iter().enumerate().filter(|(place, _)| stands_alone(*place)) {
            assert_eq!(checksum(&full_fields(&nodes, place)), node.checksum, "{}", node.block_type_slug);
        }
    }

    #[test]
    fn every_type_has_a_schema_and_the_protected_ones_are_three() {
        let blocks = SystemBlocks::load().expect("the data are valid");
        let slugs: HashSet<_> = blocks.schemas.iter().map(|schema| schema.block_type_slug.clone()).collect();
        for block in &blocks.types {
            assert!(slugs.contains(&block.slug), "{}", block.slug);
        }
        let protected = blocks.only_protected();
        let mut slugs: Vec<_> = protected.types.iter().map(|block| block.slug.as_str()).collect();
        slugs.sort_unstable();
        assert_eq!(slugs, ["local-file-system", "secret", "webhook"]);
        assert_eq!(protected.schemas.len(), 3);
    }
}
