use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::definitions::plain_definitions;
use crate::{Object, python_json};

/// The checksum of a schema, `sha256:` and 64 digits. Clients look schemas up by it, so it is computed as they do:
/// over the text that Python writes, without the names of secret fields and without the definitions of blocks.
pub fn checksum(fields: &Object) -> String {
    let mut fields = without_secret_fields(fields);
    if let Some(Value::Object(definitions)) = fields.get("definitions")
        && !definitions.is_empty()
    {
        let plain = plain_definitions(&fields, definitions);
        if plain.is_empty() {
            fields.shift_remove("definitions");
        } else {
            fields.insert("definitions".to_owned(), Value::Object(plain));
        }
    }
    // The client hashes the arguments of a call: one positional, none by name.
    let mut text = "[[".to_owned();
    python_json::write(&mut text, &Value::Object(fields));
    text.push_str("], {}]");
    let digest = Sha256::digest(text.as_bytes());
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// Objects inside of lists keep theirs: so do the client's.
fn without_secret_fields(object: &Object) -> Object {
    let kept = object.iter().filter(|(key, _)| *key != "secret_fields");
    kept.map(|(key, value)| {
        let value = match value {
            Value::Object(inner) => Value::Object(without_secret_fields(inner)),
            other => other.clone(),
        };
        (key.clone(), value)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::checksum;
    use crate::Object;

    fn object(value: Value) -> Object {
        let Value::Object(object) = value else { panic!("not an object") };
        object
    }

    #[test]
    fn checksums_are_those_of_the_client() {
        // Computed by the client's own function.
        let cases = [
            (json!({}), "sha256:f8e6e96abbc38504d4e9c99fc57281fa0026bede1fa42db79f22f984501710f4"),
            (
                json!({"title": "x", "secret_fields": ["a"], "properties": {"a": {"secret_fields": 1, "d": 0.1}}}),
                "sha256:5621f64b2521ae8bd767bb1690fc45a2774f79637174254689077b7a421b5e20",
            ),
            (
                json!({"properties": {"a": {"$ref": "#/definitions/A"}}, "definitions": {
                    "A": {"block_type_slug": "a"}, "B": {"title": "é"}}}),
                "sha256:cc309265f4880c5b749255f00a1dc9ed367a21dfadb9c7194af12bfc1a073c96",
            ),
            (
                json!({"properties": {"b": {"$ref": "#/definitions/B"}}, "definitions": {
                    "A": {"block_type_slug": "a"}, "B": {"title": "é"}}}),
                "sha256:8c91613c90ed97e4288611f5f1ae187011cb98943ef65e1164b0955144412592",
            ),
            (
                json!({"definitions": {}}),
                "sha256:79b9787dcd02e098a1b261c2d8be3dbe363953714e67eccf5610554df8050ed1",
            ),
        ];
        for (fields, expected) in cases {
            assert_eq!(checksum(&object(fields)), expected);
        }
    }
}
