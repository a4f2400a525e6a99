//! `/block_schemas`

use serde_json::{Value, json};
use sluice_test_support::TestServer;

use super::blocks::{id, kind, schema, servers};

#[tokio::test]
async fn a_schema_is_stored_once_for_each_version() {
    let server = TestServer::start().await;
    let (_, block_type) = server.post("/block_types/", json!({"name": "x", "slug": "x"})).await;
    let body = |version: &str| json!({"fields": {"title": "x"}, "block_type_id": block_type["id"], "version": version, "capabilities": ["this"]});
    let (status, first) = server.post("/block_schemas/", body("1")).await;
    assert_eq!(status, 201);
    assert_eq!(first["fields"], json!({"title": "x", "block_schema_references": {}}));
    assert_eq!((&first["block_type"], &first["capabilities"]), (&block_type, &json!(["this"])));
    let (status, again) = server.post("/block_schemas/", body("1")).await;
    assert_eq!((status, &again), (200, &first));
    let (status, second) = server.post("/block_schemas/", body("2")).await;
    assert_eq!((status, &second["checksum"]), (201, &first["checksum"]));

    let by_checksum = format!("/block_schemas/checksum/{}", first["checksum"].as_str().expect("a checksum"));
    assert_eq!(server.get(&by_checksum).await, (200, second));
    assert_eq!(server.get(&format!("{by_checksum}?version=1")).await, (200, first.clone()));
    let gone = (404, json!({"detail": "Block schema not found"}));
    assert_eq!(server.get(&format!("{by_checksum}?version=3")).await, gone);
    let by_id = format!("/block_schemas/{}", id(&first));
    assert_eq!(server.get(&by_id).await, (200, first));
    assert_eq!(server.delete(&by_id).await, (204, Value::Null));
    assert_eq!(server.get(&by_id).await, gone);
    assert_eq!(server.delete(&by_id).await, gone);
}

#[tokio::test]
async fn nested_schemas_are_stored_and_put_together_again() {
    for server in servers().await {
        let (_, outer) = server.post("/block_types/", json!({"name": "outer", "slug": "outer"})).await;
        let (inner, _) =
            kind(&server, "inner", json!({"title": "Old", "block_type_slug": "inner"}), json!([])).await;
        let fields = json!({
            "title": "Outer", "block_type_slug": "outer",
            "properties": {"child": {"$ref": "#/definitions/Inner"}, "plain": {"$ref": "#/definitions/Plain"}},
            "block_schema_references": {"child": {"block_type_slug": "inner", "block_schema_checksum": "sha256:unknown"}},
            "definitions": {
                "Inner": {"title": "Inner", "block_type_slug": "inner", "block_schema_references": {}},
                "Plain": {"title": "Plain", "type": "object"},
            },
        });
        let body = json!({"fields": fields, "block_type_id": outer["id"]});
        let (status, created) = server.post("/block_schemas/", body).await;
        assert_eq!(status, 201, "{created}");
        assert_eq!(created["fields"]["definitions"], fields["definitions"]);
        let (_, found) = server
            .post("/block_schemas/filter", json!({"block_schemas": {"block_type_id": {"any_": [inner]}}}))
            .await;
        let nested = &found[0];
        assert_eq!(
            (&nested["fields"]["title"], &nested["version"]),
            (&json!("Inner"), &json!("non-versioned"))
        );
        let (_, read) = server.get(&format!("/block_schemas/{}", id(&created))).await;
        let reference = json!({"block_schema_checksum": nested["checksum"], "block_type_slug": "inner"});
        assert_eq!(read["fields"]["block_schema_references"], json!({"child": reference}));
        assert_eq!(read["fields"]["definitions"]["Inner"]["title"], "Inner");
        assert_eq!(read["fields"]["definitions"]["Plain"], fields["definitions"]["Plain"]);
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_told() {
    let server = TestServer::start().await;
    let (block_type, _) = kind(&server, "x", json!({}), json!([])).await;
    let nowhere = "0199cd08-0000-7000-8000-000000000001";
    let missing = server.post("/block_schemas/", json!({"fields": {}, "block_type_id": nowhere})).await;
    assert_eq!(missing, (404, json!({"detail": format!("Block type {nowhere} not found.")})));
    let nested = |slug: &str| {
        json!({"block_type_id": block_type, "fields": {"title": slug, "block_schema_references":
            {"a": {"block_type_slug": slug, "block_schema_checksum": "sha256:unknown"}}}})
    };
    let (status, answer) = server.post("/block_schemas/", nested("nothing")).await;
    let message = "Cannot create block schema because block type 'nothing' was not found.Did you forget to register \
                   the block type?";
    assert_eq!((status, answer), (409, json!({"detail": message})));
    let (status, answer) = server.post("/block_schemas/", nested("x")).await;
    let message =
        "Unable to create nested block schema due to missing definitions in root block schema fields";
    assert_eq!((status, answer), (422, json!({"detail": message})));
    // Nothing of what was refused is there.
    let (_, found) = server
        .post("/block_schemas/filter", json!({"block_schemas": {"block_type_id": {"any_": [block_type]}}}))
        .await;
    assert_eq!(found.as_array().expect("a list").len(), 1);
}

#[tokio::test]
async fn a_schema_that_is_nested_in_itself_ends() {
    let server = TestServer::start().await;
    let (block_type, _) = kind(&server, "x", json!({}), json!([])).await;
    let definition = json!({
        "title": "X", "block_type_slug": "x", "properties": {"x": {"$ref": "#/definitions/X"}},
        "block_schema_references": {"x": {"block_type_slug": "x", "block_schema_checksum": "sha256:unknown"}},
    });
    let mut fields = definition.clone();
    fields["definitions"] = json!({"X": definition});
    let (status, created) =
        server.post("/block_schemas/", json!({"fields": fields, "block_type_id": block_type})).await;
    assert_eq!(status, 201, "{created}");
    assert_eq!(server.get(&format!("/block_schemas/{}", id(&created))).await.0, 200);
}

#[tokio::test]
async fn schemas_are_found_newest_first_on_both_databases() {
    for server in servers().await {
        let (block_type, first) = kind(&server, "x", json!({"title": "1"}), json!(["a", "b"])).await;
        let second = schema(&server, &block_type, json!({"title": "2"}), json!(["b"])).await;
        let third = schema(&server, &block_type, json!({"title": "3"}), json!(["a"])).await;
        let of_type = json!({"any_": [block_type]});
        let cases = [
            (json!({"block_type_id": of_type}), vec![&third, &second, &first]),
            (json!({"block_capabilities": {"all_": ["a", "b"]}}), vec![&first]),
            (json!({"block_type_id": of_type, "block_capabilities": {"all_": ["b"]}}), vec![&second, &first]),
            (json!({"id": {"any_": [third, first]}}), vec![&third, &first]),
            (
                json!({"operator": "or_", "id": {"any_": [third]}, "block_capabilities": {"all_": ["a", "b"]}}),
                vec![&third, &first],
            ),
            (json!({"block_type_id": of_type, "version": {"any_": ["9"]}}), vec![]),
            (
                json!({"block_type_id": of_type, "version": {"any_": ["non-versioned"]}}),
                vec![&third, &second, &first],
            ),
        ];
        for (filter, expected) in cases {
            let (status, found) =
                server.post("/block_schemas/filter", json!({"block_schemas": filter})).await;
            assert_eq!(status, 200);
            let found: Vec<String> = found.as_array().expect("a list").iter().map(id).collect();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter}");
        }
        let page = json!({"block_schemas": {"block_type_id": of_type}, "limit": 1, "offset": 1});
        let (_, found) = server.post("/block_schemas/filter", page).await;
        assert_eq!(found.as_array().expect("a list").iter().map(id).collect::<Vec<_>>(), [second]);
    }
}
