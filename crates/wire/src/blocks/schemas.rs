use serde::{Deserialize, Serialize};

use super::{BlockType, Object};
use crate::ids::{BlockSchemaId, BlockTypeId};
use crate::time::Timestamp;

/// The version of a schema that names none.
pub const NON_VERSIONED: &str = "non-versioned";

/// The fields of a kind of block, as they are read: nested schemas stand in `definitions` again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockSchema {
    pub id: BlockSchemaId,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// `sha256:` and the hash of the fields, as the SDK computes it.
    pub checksum: String,
    pub fields: Object,
    pub block_type_id: BlockTypeId,
    pub block_type: Option<BlockType>,
    pub capabilities: Vec<String>,
    pub version: String,
}

/// Body of `POST /block_schemas/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockSchemaCreate {
    #[serde(default)]
    pub fields: Object,
    pub block_type_id: BlockTypeId,
    #[serde(default)]
    pub capabilities: Vec<String>,
    #[serde(default = "non_versioned")]
    pub version: String,
}

fn non_versioned() -> String {
    NON_VERSIONED.to_owned()
}
