//! `/block_types`

use serde_json::{Value, json};
use sluice_test_support::TestServer;

use super::blocks;

#[tokio::test]
async fn a_type_lives_by_id_and_by_slug() {
    let server = TestServer::start().await;
    let body = json!({"name": "My Type", "slug": "my-type", "logo_url": " http://x/y ", "description": "a <b> & c",
                      "code_example": "if a < b: \"c\""});
    let (status, created) = server.post("/block_types/", body).await;
    assert_eq!(status, 201);
    assert_eq!(created["description"], "a &lt;b&gt; &amp; c");
    assert_eq!(created["code_example"], "if a &lt; b: \"c\"");
    assert_eq!((&created["logo_url"], &created["is_protected"]), (&json!("http://x/y"), &json!(false)));
    let by_id = format!("/block_types/{}", created["id"].as_str().expect("an id"));
    assert_eq!(server.get(&by_id).await, (200, created.clone()));
    assert_eq!(server.get("/block_types/slug/my-type").await, (200, created.clone()));

    // What is the same is no change, whether escaped or not.
    let same = json!({"description": "a <b> & c", "logo_url": "http://x/y"});
    assert_eq!(server.patch(&by_id, same).await, (204, Value::Null));
    assert_eq!(server.get(&by_id).await.1["updated"], created["updated"]);
    assert_eq!(server.patch(&by_id, json!({"description": null, "documentation_url": "d"})).await.0, 204);
    let (_, updated) = server.get(&by_id).await;
    assert_eq!((&updated["description"], &updated["documentation_url"]), (&Value::Null, &json!("d")));

    assert_eq!(server.delete(&by_id).await, (204, Value::Null));
    let gone = (404, json!({"detail": "Block type not found"}));
    assert_eq!(server.delete(&by_id).await, gone);
    assert_eq!(server.get(&by_id).await, gone);
    assert_eq!(server.patch(&by_id, json!({})).await, gone);
    assert_eq!(server.get("/block_types/slug/my-type").await, gone);
    assert_eq!(server.get("/block_types/slug/my-type/block_documents").await, gone);
}

#[tokio::test]
async fn names_and_slugs_are_refused_with_reasons() {
    let server = TestServer::start().await;
    let (status, _) = server.post("/block_types/", json!({"name": "x", "slug": "x"})).await;
    assert_eq!(status, 201);
    let taken = server.post("/block_types/", json!({"name": "y", "slug": "x"})).await;
    assert_eq!(taken, (409, json!({"detail": "Block type with name \"y\" already exists"})));
    let reserved = server.post("/block_types/", json!({"name": "PrefectThing", "slug": "p"})).await;
    assert_eq!(reserved, (403, json!({"detail": "Block type names beginning with 'Prefect' are reserved."})));
    let cases = [
        (
            json!({"name": "x", "slug": "No Slug"}),
            "slug",
            "Value error, Block type slug must only contain lowercase letters, numbers, and dashes.",
        ),
        (json!({"name": "a/b", "slug": "a"}), "name", "String should match pattern '^[^/%&><]+$'"),
        (
            json!({"name": "a", "slug": "a", "is_protected": true}),
            "is_protected",
            "Extra inputs are not permitted",
        ),
        (json!({"slug": "a"}), "name", "Field required"),
    ];
    for (body, field, message) in cases {
        let (status, answer) = server.post("/block_types/", body).await;
        let problem = &answer["exception_detail"][0];
        assert_eq!(
            (status, &problem["loc"], &problem["msg"]),
            (422, &json!(["body", field]), &json!(message))
        );
    }
}

#[tokio::test]
async fn system_types_are_there_and_protected_ones_stay() {
    let server = TestServer::start().await;
    let (_, types) = server.post("/block_types/filter", json!({})).await;
    assert_eq!(types.as_array().expect("a list").len(), 54);
    let (_, secret) = server.get("/block_types/slug/secret").await;
    assert_eq!(secret["is_protected"], true);
    let by_id = format!("/block_types/{}", secret["id"].as_str().expect("an id"));
    let (status, answer) = server.delete(&by_id).await;
    assert_eq!((status, answer), (403, json!({"detail": "protected block types cannot be deleted."})));

    let (_, schema) = server
        .post(
            "/block_schemas/filter",
            json!({"block_schemas":
        {"block_type_id": {"any_": [secret["id"]]}}}),
        )
        .await;
    let schema = format!("/block_schemas/{}", schema[0]["id"].as_str().expect("an id"));
    let (status, answer) = server.delete(&schema).await;
    let message = "Block schemas for protected block types cannot be deleted.";
    assert_eq!((status, answer), (403, json!({"detail": message})));
    assert_eq!(server.post("/block_types/install_system_block_types", json!({})).await, (200, Value::Null));
    assert_eq!(server.get("/block_types/slug/secret").await.1["id"], secret["id"]);
}

#[tokio::test]
async fn what_was_deleted_of_the_system_comes_back_at_the_next_start() {
    let server = TestServer::start().await;
    let (_, slack) = server.get("/block_types/slug/slack-webhook").await;
    let by_id = format!("/block_types/{}", slack["id"].as_str().expect("an id"));
    assert_eq!(server.delete(&by_id).await.0, 204);
    let database = server.stop().await;
    let server = TestServer::start_with(database, sluice_api::ApiSettings::default()).await;
    assert_eq!(server.get("/block_types/slug/slack-webhook").await.0, 200);
    let (_, schemas) = server.post("/block_schemas/filter", json!({})).await;
    assert_eq!(schemas.as_array().expect("a list").len(), 64);
}

#[tokio::test]
async fn types_are_found_on_both_databases() {
    for server in blocks::servers().await {
        let cases = [
            (json!({"block_types": {"name": {"like_": "AL FILE s"}}}), vec!["local-file-system"]),
            (
                json!({"block_types": {"slug": {"any_": ["secret", "webhook", "nothing"]}}}),
                vec!["secret", "webhook"],
            ),
            (
                json!({"block_types": {"slug": {"any_": ["secret", "webhook"]}}, "limit": 1, "offset": 1}),
                vec!["webhook"],
            ),
            (
                json!({"block_types": {"slug": {"any_": ["secret", "local-file-system"]}},
                    "block_schemas": {"block_capabilities": {"all_": ["read-path", "write-path"]}}}),
                vec!["local-file-system"],
            ),
        ];
        for (body, expected) in cases {
            let (status, found) = server.post("/block_types/filter", body.clone()).await;
            assert_eq!(status, 200);
            let mut slugs: Vec<_> = found
                .as_array()
                .expect("a list")
                .iter()
                .map(|one| one["slug"].as_str().expect("a slug"))
                .collect();
            slugs.sort_unstable();
            assert_eq!(slugs, expected, "{body}");
        }
        let (status, capabilities) = server.get("/block_capabilities/").await;
        let expected = json!(["get-directory", "notify", "put-directory", "read-path", "write-path"]);
        assert_eq!((status, capabilities), (200, expected));
    }
}
