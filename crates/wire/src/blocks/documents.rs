use serde::{Deserialize, Deserializer, Serialize, de};

use super::{BlockSchema, BlockType, Object};
use crate::ids::{BlockDocumentId, BlockSchemaId, BlockTypeId};
use crate::names::Name;
use crate::time::Timestamp;

/// The values of a block, as they are read: documents that it refers to are filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockDocument {
    pub id: BlockDocumentId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: Option<String>,
    pub data: Object,
    pub block_schema_id: BlockSchemaId,
    pub block_schema: Option<BlockSchema>,
    pub block_type_id: BlockTypeId,
    pub block_type_name: Option<String>,
    pub block_type: Option<BlockType>,
    /// What `data` got from other documents: by key, `{"block_document": {id, name, block_type, ...}}`.
    pub block_document_references: Object,
    /// Anonymous documents belong to something else, such as a deployment, and are not listed.
    pub is_anonymous: bool,
}

/// Body of `POST /block_documents/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Fields")]
pub struct BlockDocumentCreate {
    /// None only for an anonymous document, which is then given a name.
    pub name: Option<BlockDocumentName>,
    pub data: Object,
    pub block_schema_id: BlockSchemaId,
    pub block_type_id: BlockTypeId,
    pub is_anonymous: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    name: Option<BlockDocumentName>,
    #[serde(default)]
    data: Object,
    // Required; that the name is missing is told first.
    #[serde(default)]
    block_schema_id: Option<BlockSchemaId>,
    #[serde(default)]
    block_type_id: Option<BlockTypeId>,
    #[serde(default)]
    is_anonymous: bool,
}

impl TryFrom<Fields> for BlockDocumentCreate {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        if !fields.is_anonymous && fields.name.is_none() {
            return Err("Names must be provided for block documents.");
        }
        Ok(Self {
            name: fields.name,
            data: fields.data,
            block_schema_id: fields.block_schema_id.ok_or("missing field `block_schema_id`")?,
            block_type_id: fields.block_type_id.ok_or("missing field `block_type_id`")?,
            is_anonymous: fields.is_anonymous,
        })
    }
}

/// Body of `PATCH /block_documents/{id}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockDocumentUpdate {
    #[serde(default)]
    pub block_schema_id: Option<BlockSchemaId>,
    /// None: not sent.
    #[serde(default, deserialize_with = "sent")]
    pub data: Option<Object>,
    /// Whether keys that `data` does not have stay as they are.
    #[serde(default = "yes")]
    pub merge_existing_data: bool,
}

fn sent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Object>, D::Error> {
    Object::deserialize(deserializer).map(Some)
}

fn yes() -> bool {
    true
}

/// Lower-case letters, digits and `-`; not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockDocumentName(String);

impl BlockDocumentName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for BlockDocumentName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Name::deserialize(deserializer)?;
        if !has_only_slug_characters(&name) {
            return Err(de::Error::custom(
                "Block document name must only contain lowercase letters, numbers, and dashes.",
            ));
        }
        Ok(Self(name.into_string()))
    }
}

pub(super) fn has_only_slug_characters(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::{BlockDocumentCreate, BlockDocumentUpdate};

    const IDS: &str = r#""block_schema_id":"0199cd08-0000-7000-8000-000000000001",
        "block_type_id":"0199cd08-0000-7000-8000-000000000002""#;

    #[test]
    fn only_anonymous_documents_have_no_name() {
        let cases = [
            (r#""name":"a-1""#, true),
            (r#""name":"A""#, false),
            (r#""name":"a_b""#, false),
            (r#""name":"a/b""#, false),
            (r#""name":"""#, false),
            (r#""name":null"#, false),
            (r#""is_anonymous":true"#, true),
            (r#""is_anonymous":true,"name":"a""#, true),
            (r#""is_anonymous":false"#, false),
            (r#""name":"a","data":[]"#, false),
            (r#""name":"a","block_type_name":"b""#, false),
        ];
        for (fields, is_valid) in cases {
            let text = format!("{{{fields},{IDS}}}");
            assert_eq!(serde_json::from_str::<BlockDocumentCreate>(&text).is_ok(), is_valid, "{text}");
        }
    }

    #[test]
    fn data_that_was_not_sent_is_told_from_empty_data() {
        let update: BlockDocumentUpdate = serde_json::from_str("{}").expect("valid");
        assert_eq!((update.data, update.merge_existing_data), (None, true));
        let update: BlockDocumentUpdate = serde_json::from_str(r#"{"data":{}}"#).expect("valid");
        assert!(update.data.is_some());
        assert!(serde_json::from_str::<BlockDocumentUpdate>(r#"{"data":null}"#).is_err());
        assert!(serde_json::from_str::<BlockDocumentUpdate>(r#"{"name":"x"}"#).is_err());
    }
}
