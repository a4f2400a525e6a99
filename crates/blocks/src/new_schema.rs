use serde_json::Value;

use crate::definitions::{definition_key, plain_definitions, reference_strings};
use crate::{Object, checksum};

/// A schema that is about to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSchema {
    /// See [`checksum`].
    pub checksum: String,
    /// The fields without what is stored elsewhere: references to other schemas, and those schemas.
    pub fields: Object,
    /// The references as they were sent.
    pub sent_references: Value,
    /// The schemas that this one refers to.
    pub references: Vec<SchemaReference>,
    /// All definitions that were sent; nested schemas are found in them.
    pub definitions: Option<Object>,
}

/// A field that holds another block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaReference {
    /// The field.
    pub name: String,
    /// The type of the other block.
    pub block_type_slug: String,
    /// The schema of the other block.
    pub block_schema_checksum: String,
}

/// Why a schema cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaProblem {
    /// `block_schema_references` does not have its shape.
    #[error(
        "`block_schema_references` of field {0:?} must hold `block_type_slug` and `block_schema_checksum`, \
         or a list of such objects"
    )]
    Reference(String),
    /// A nested schema is neither known nor sent.
    #[error("Unable to create nested block schema due to missing definitions in root block schema fields")]
    NoDefinitions,
    /// As above.
    #[error("Unable to create nested block schema for block type {0:?} due to missing definition.")]
    NoDefinition(String),
}

impl NewSchema {
    /// Takes apart the fields that a client sent. `inherited`: the definitions of the schema that this one is
    /// nested in.
    pub fn read(mut fields: Object, inherited: Option<&Object>) -> Result<Self, SchemaProblem> {
        let own = match fields.get("definitions") {
            Some(Value::Object(own)) => Some(own.clone()),
            _ => None,
        };
        let definitions = inherited.filter(|inherited| !inherited.is_empty()).cloned().or(own);
        if let Some(definitions) = definitions.as_ref().filter(|definitions| !definitions.is_empty()) {
            fields.insert("definitions".to_owned(), Value::Object(definitions.clone()));
        }
        let checksum = checksum(&fields);
        if let Some(definitions) = definitions.as_ref().filter(|definitions| !definitions.is_empty()) {
            let plain = plain_definitions(&fields, definitions);
            if plain.is_empty() {
                fields.shift_remove("definitions");
            } else {
                fields.insert("definitions".to_owned(), Value::Object(plain));
            }
        }
        let sent_references =
            fields.shift_remove("block_schema_references").unwrap_or_else(|| Value::Object(Object::new()));
        let references = read_references(&sent_references)?;
        Ok(Self { checksum, fields, sent_references, references, definitions })
    }

    /// The fields as the client reads them in the answer to its creation.
    pub fn answer(&self) -> Object {
        let mut fields = self.fields.clone();
        fields.insert("block_schema_references".to_owned(), self.sent_references.clone());
        if let Some(definitions) = &self.definitions {
            fields.insert("definitions".to_owned(), Value::Object(definitions.clone()));
        }
        fields
    }

    /// The fields of the schema behind `reference`, from the definitions.
    pub fn nested_fields(&self, reference: &SchemaReference) -> Result<Object, SchemaProblem> {
        let definitions = self.definitions.as_ref().ok_or(SchemaProblem::NoDefinitions)?;
        let property = self.fields.get("properties").and_then(|properties| properties.get(&reference.name));
        let keys: Vec<String> =
            property.map(reference_strings).unwrap_or_default().into_iter().map(definition_key).collect();
        let is_of_type = |definition: &&Value| {
            definition.get("block_type_slug").and_then(Value::as_str) == Some(&reference.block_type_slug)
        };
        let found = match keys.as_slice() {
            [only] => definitions.get(only),
            several => several.iter().filter_map(|key| definitions.get(key)).find(is_of_type),
        };
        found
            .and_then(Value::as_object)
            .cloned()
            .ok_or_else(|| SchemaProblem::NoDefinition(reference.block_type_slug.clone()))
    }
}

fn read_references(sent: &Value) -> Result<Vec<SchemaReference>, SchemaProblem> {
    let Value::Object(sent) = sent else { return Err(SchemaProblem::Reference(String::new())) };
    let mut references = Vec::new();
    for (name, value) in sent {
        let entries = match value {
            Value::Array(entries) => entries.as_slice(),
            one => std::slice::from_ref(one),
        };
        for entry in entries {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
            let (Some(block_type_slug), Some(block_schema_checksum)) =
                (text("block_type_slug"), text("block_schema_checksum"))
            else {
                return Err(SchemaProblem::Reference(name.clone()));
            };
            references.push(SchemaReference { name: name.clone(), block_type_slug, block_schema_checksum });
        }
    }
    Ok(references)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{NewSchema, SchemaProblem};
    use crate::Object;

    fn object(value: Value) -> Object {
        let Value::Object(object) = value else { panic!("not an object") };
        object
    }

    fn nested() -> Object {
        object(json!({
            "title": "Parent",
            "properties": {"child": {"anyOf": [{"$ref": "#/definitions/A"}, {"$ref": "#/definitions/B"}]},
                           "plain": {"$ref": "#/definitions/Plain"}},
            "block_schema_references": {"child": [
                {"block_type_slug": "a", "block_schema_checksum": "sha256:a"},
                {"block_type_slug": "b", "block_schema_checksum": "sha256:b"}]},
            "definitions": {"A": {"title": "A", "block_type_slug": "a"}, "B": {"title": "B", "block_type_slug": "b"},
                            "Plain": {"title": "Plain"}},
        }))
    }

    #[test]
    fn blocks_are_taken_out_and_plain_definitions_stay() {
        let schema = NewSchema::read(nested(), None).expect("a schema");
        assert_eq!(schema.fields["definitions"], json!({"Plain": {"title": "Plain"}}));
        assert!(!schema.fields.contains_key("block_schema_references"));
        assert_eq!(schema.references.len(), 2);
        let fields = schema.nested_fields(&schema.references[1]).expect("a definition");
        assert_eq!(fields["title"], "B");
        let answer = schema.answer();
        assert_eq!(answer["definitions"], nested()["definitions"]);
        assert_eq!(answer["block_schema_references"], nested()["block_schema_references"]);
    }

    #[test]
    fn a_nested_schema_must_be_defined() {
        let mut fields = nested();
        fields.shift_remove("definitions");
        let schema = NewSchema::read(fields.clone(), None).expect("a schema");
        assert_eq!(schema.nested_fields(&schema.references[0]), Err(SchemaProblem::NoDefinitions));
        fields.insert("definitions".to_owned(), json!({"C": {}}));
        let schema = NewSchema::read(fields, None).expect("a schema");
        assert_eq!(
            schema.nested_fields(&schema.references[0]),
            Err(SchemaProblem::NoDefinition("a".to_owned()))
        );
    }

    #[test]
    fn references_have_their_shape() {
        for wrong in [json!([]), json!({"a": "b"}), json!({"a": {"block_type_slug": "x"}}), json!(3)] {
            let fields = object(json!({"block_schema_references": wrong}));
            assert!(NewSchema::read(fields, None).is_err());
        }
    }
}
