use serde_json::Value;
use sluice_blocks::{NewSchema, checksum, hide, keep_hidden, secret_paths, separate_references};

use super::Target;

pub(super) const TARGET: Target = Target {
    name: "block-documents",
    seeds: &[
        r##"{"title":"Warehouse","type":"object","properties":{"host":{"type":"string"},"password":{"type":"string","format":"password"},"creds":{"$ref":"#/definitions/Creds"}},"required":["host"],"block_type_slug":"warehouse","secret_fields":["password","creds.*"],"block_schema_references":{"creds":{"block_schema_checksum":"sha256:a","block_type_slug":"creds"}},"definitions":{"Creds":{"title":"Creds","type":"object","properties":{"token":{"type":"string"}},"block_type_slug":"creds","secret_fields":["token"],"block_schema_references":{}}}}"##,
        r#"{"host":"a","password":"b","creds":{"$ref":{"block_document_id":"6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f"}},"nested":{"list":[{"password":"********"}],"secret_fields":["*","list.*","a.b.c"]}}"#,
    ],
    words: &[
        "\"$ref\":",
        "\"block_document_id\":",
        "\"block_document\":",
        "\"secret_fields\":",
        "\"*\"",
        "\"a.*\"",
        "\".\"",
        "\"definitions\":",
        "\"properties\":",
        "\"block_schema_references\":",
        "\"block_type_slug\":",
        "\"#/definitions/Creds\"",
        "\"********\"",
        "\"title\":",
        "{",
        "}",
        "[",
        "]",
        ",",
        "null",
        "1e22",
        "1.0",
    ],
    run: |text| {
        let Ok(Value::Object(object)) = serde_json::from_str::<Value>(text) else { return };
        checksum(&object);
        if let Ok(schema) = NewSchema::read(object.clone(), Some(&object)) {
            for reference in &schema.references {
                let _ = schema.nested_fields(reference);
            }
            schema.answer();
        }
        let paths = secret_paths(&object);
        let mut hidden = object.clone();
        hide(&mut hidden, &paths);
        let mut again = hidden.clone();
        hide(&mut again, &paths);
        assert_eq!(again, hidden, "hiding twice hides more");
        keep_hidden(&mut hidden, &object, &paths);
        let _ = separate_references(object);
    },
};
