use serde_json::Value;
use uuid::Uuid;

use crate::Object;

/// Data of a document, taken apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Separated {
    /// What is stored with the document.
    pub data: Object,
    /// The keys that hold other documents.
    pub references: Vec<(String, Uuid)>,
}

/// A key says that it holds another document, and does not say which.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Received block reference without a block_document_id in key {0}")]
pub struct MissingDocumentId(pub String);

/// Takes `{"$ref": {"block_document_id": ...}}` out of the data. Only keys at the top are looked at.
pub fn separate_references(data: Object) -> Result<Separated, MissingDocumentId> {
    let mut separated = Separated::default();
    for (key, value) in data {
        let Some(reference) = value.as_object().and_then(|object| object.get("$ref")) else {
            separated.data.insert(key, value);
            continue;
        };
        let id = reference.get("block_document_id").and_then(Value::as_str);
        match id.and_then(|id| Uuid::parse_str(id).ok()) {
            Some(id) => separated.references.push((key, id)),
            None => return Err(MissingDocumentId(key)),
        }
    }
    Ok(separated)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MissingDocumentId, separate_references};

    #[test]
    fn references_are_taken_out_at_the_top_only() {
        let id = "0199cd08-0000-7000-8000-000000000001";
        let data = json!({
            "a": 1,
            "b": {"$ref": {"block_document_id": id}},
            "c": {"d": {"$ref": {"block_document_id": id}}},
        });
        let Value::Object(data) = data else { unreachable!() };
        let separated = separate_references(data).expect("taken apart");
        assert_eq!(separated.data.keys().collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(separated.references, [("b".to_owned(), id.parse().expect("an id"))]);
        for wrong in
            [json!({}), json!("x"), json!({"block_document_id": null}), json!({"block_document_id": "x"})]
        {
            let Value::Object(data) = json!({"b": {"$ref": wrong}}) else { unreachable!() };
            assert_eq!(separate_references(data), Err(MissingDocumentId("b".to_owned())));
        }
    }
}
