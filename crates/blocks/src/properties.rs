//! Whatever a client sends, nothing here panics, runs without end or shows a secret.

use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::{HIDDEN, NewSchema, Object, checksum, hide, keep_hidden, secret_paths, separate_references};

/// JSON with the words that mean something here.
fn json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "a",
        "b",
        "*",
        "a.b",
        "",
        "$ref",
        "properties",
        "definitions",
        "#/definitions/a",
        "#/definitions/b",
        "secret_fields",
        "block_schema_references",
        "block_type_slug",
        "block_schema_checksum",
        "title",
        "block_document_id",
        HIDDEN,
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..6).prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

fn object() -> impl Strategy<Value = Object> {
    prop::collection::vec(
        (
            prop::sample::select(vec![
                "a",
                "b",
                "secret_fields",
                "definitions",
                "block_schema_references",
                "properties",
                "title",
            ]),
            json(),
        ),
        0..6,
    )
    .prop_map(|entries| {
        entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>()
    })
}

proptest! {
    #[test]
    fn any_schema_is_read(fields in object(), inherited in proptest::option::of(object())) {
        let sum = checksum(&fields);
        prop_assert_eq!(sum.len(), "sha256:".len() + 64);
        if let Ok(schema) = NewSchema::read(fields, inherited.as_ref()) {
            for reference in &schema.references {
                let _ = schema.nested_fields(reference);
            }
            schema.answer();
        }
    }

    #[test]
    fn what_was_hidden_comes_back(data in object(), schema in object()) {
        let paths = secret_paths(&schema);
        let mut read = data.clone();
        hide(&mut read, &paths);
        let mut again = read.clone();
        hide(&mut again, &paths);
        prop_assert_eq!(&again, &read, "hiding twice hides no more");
        let mut sent_back = read;
        keep_hidden(&mut sent_back, &data, &paths);
        // Null is hidden below a wildcard, and then cannot be told from a secret that was not there.
        let has_nulls = Value::Object(data.clone()).to_string().contains("null");
        prop_assert!(has_nulls || sent_back == data);
        let _ = separate_references(data);
    }
}
