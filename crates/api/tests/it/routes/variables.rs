//! `/variables`

use serde_json::{Value, json};
use sluice_test_support::TestServer;

#[tokio::test]
async fn a_variable_lives_by_id_and_by_name() {
    let server = TestServer::start().await;
    let (status, variable) =
        server.post("/variables/", json!({"name": "host", "value": {"b": 1, "a": [null]}})).await;
    assert_eq!(status, 201);
    assert_eq!(variable["tags"], json!([]));
    let by_id = format!("/variables/{}", variable["id"].as_str().expect("an id"));
    assert_eq!(server.get(&by_id).await, (200, variable.clone()));
    assert_eq!(server.get("/variables/name/host").await, (200, variable));

    assert_eq!(server.patch(&by_id, json!({"value": null, "tags": ["db"]})).await, (204, Value::Null));
    let (_, variable) = server.get(&by_id).await;
    assert_eq!((&variable["value"], &variable["tags"]), (&Value::Null, &json!(["db"])));
    assert_eq!(server.patch("/variables/name/host", json!({"name": "server"})).await.0, 204);
    assert_eq!(server.get("/variables/name/host").await, (404, json!({"detail": "Variable not found."})));

    assert_eq!(server.delete("/variables/name/server").await.0, 204);
    assert_eq!(server.delete(&by_id).await, (404, json!({"detail": "Variable not found."})));
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let server = TestServer::start().await;
    for name in ["a", "b"] {
        assert_eq!(server.post("/variables/", json!({"name": name, "value": 1})).await.0, 201);
    }
    let taken = server.post("/variables/", json!({"name": "a", "value": 2})).await;
    assert_eq!(taken, (409, json!({"detail": "A variable with the name 'a' already exists."})));
    assert_eq!(server.patch("/variables/name/b", json!({"name": "a"})).await.0, 409);
    assert_eq!(server.patch("/variables/name/b", json!({"tags": null})).await.0, 409);
}

#[tokio::test]
async fn variables_are_found_and_counted() {
    let server = TestServer::start().await;
    for (name, tags) in [("b", json!(["x"])), ("a", json!([])), ("c", json!(["x", "y"]))] {
        server.post("/variables/", json!({"name": name, "value": 1, "tags": tags})).await;
    }
    let cases = [
        (json!({}), vec!["a", "b", "c"]),
        (json!({"sort": "NAME_DESC", "limit": 2}), vec!["c", "b"]),
        (json!({"offset": 2}), vec!["c"]),
        (json!({"variables": {"tags": {"all_": ["x"]}}}), vec!["b", "c"]),
    ];
    for (body, expected) in cases {
        let (status, found) = server.post("/variables/filter", body.clone()).await;
        assert_eq!(status, 200, "{found}");
        let names: Vec<_> =
            found.as_array().expect("a list").iter().map(|variable| &variable["name"]).collect();
        assert_eq!(names, expected, "{body}");
    }
    let tagged = json!({"variables": {"tags": {"all_": ["x"]}}});
    assert_eq!(server.post("/variables/count", tagged).await, (200, json!(2)));
    assert_eq!(server.send("POST", "/variables/count", None).await, (200, json!(3)));
}

#[tokio::test]
async fn what_is_wrong_with_a_variable_is_said() {
    let server = TestServer::start().await;
    let cases = [
        (json!({"name": "A", "value": 1}), "value_error", json!(["body", "name"])),
        (json!({"name": "a".repeat(256), "value": 1}), "too_long", json!(["body", "name"])),
        (json!({"name": "a", "value": "x".repeat(5_001)}), "value_error", json!(["body", "value"])),
        (json!({"name": "a"}), "missing", json!(["body", "value"])),
    ];
    for (body, kind, place) in cases {
        let (status, answer) = server.post("/variables/", body).await;
        let problem = &answer["exception_detail"][0];
        assert_eq!((status, &problem["type"], &problem["loc"]), (422, &json!(kind), &place), "{answer}");
    }
}
