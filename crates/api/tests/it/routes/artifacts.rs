//! `/artifacts`

use serde_json::{Value, json};
use sluice_test_support::TestServer;

fn path(artifact: &Value) -> String {
    format!("/artifacts/{}", artifact["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn the_newest_artifact_of_a_key_is_known() {
    let server = TestServer::start().await;
    let (status, first) =
        server.post("/artifacts/", json!({"key": "report", "data": 1, "type": "table"})).await;
    assert_eq!(status, 201);
    let (_, second) = server.post("/artifacts/", json!({"key": "report", "data": 2})).await;
    let (status, newest) = server.get("/artifacts/report/latest").await;
    assert_eq!((status, &newest["data"], &newest["type"]), (200, &json!(2), &Value::Null));
    let (_, latest) = server.post("/artifacts/latest/filter", json!({})).await;
    assert_eq!((&latest[0]["latest_id"], &latest[0]["id"]), (&second["id"], &newest["id"]));

    assert_eq!(server.patch(&path(&second), json!({"data": 3, "description": "d"})).await.0, 204);
    assert_eq!(server.get("/artifacts/report/latest").await.1["data"], json!(3));
    assert_eq!(server.get(&path(&second)).await.1["description"], json!("d"));

    assert_eq!(server.delete(&path(&second)).await.0, 204);
    let (_, newest) = server.get("/artifacts/report/latest").await;
    assert_eq!((&newest["data"], &newest["type"]), (&json!(1), &json!("table")));
    assert_eq!(server.delete(&path(&first)).await.0, 204);
    assert_eq!(server.get("/artifacts/report/latest").await, (404, json!({"detail": "Artifact not found."})));
    assert_eq!(server.get(&path(&first)).await.0, 404);
    assert_eq!(server.delete(&path(&first)).await.0, 404);
    assert_eq!(server.patch(&path(&first), json!({"data": 1})).await.0, 404);
}

#[tokio::test]
async fn artifacts_are_found_and_counted() {
    let server = TestServer::start().await;
    for body in [
        json!({"key": "a"}),
        json!({"key": "b", "type": "markdown"}),
        json!({"key": "b"}),
        json!({"data": {}}),
    ] {
        assert_eq!(server.post("/artifacts/", body).await.0, 201);
    }
    let cases = [
        (json!({}), 4, 2),
        (json!({"artifacts": {"key": {"like_": "B"}}}), 2, 1),
        (json!({"artifacts": {"key": {"exists_": true}}}), 3, 2),
        (json!({"artifacts": {"type": {"any_": ["markdown"]}}}), 1, 0),
        (json!({"flow_runs": {}}), 0, 0),
    ];
    for (body, all, newest) in cases {
        assert_eq!(server.post("/artifacts/count", body.clone()).await, (200, json!(all)), "{body}");
        assert_eq!(
            server.post("/artifacts/latest/count", body.clone()).await,
            (200, json!(newest)),
            "{body}"
        );
        let (_, found) = server.post("/artifacts/filter", body.clone()).await;
        assert_eq!(found.as_array().map(Vec::len), Some(all), "{body}");
    }
    let (_, found) = server
        .post("/artifacts/filter", json!({"sort": "KEY_ASC", "artifacts": {"key": {"exists_": true}}}))
        .await;
    let keys: Vec<_> = found.as_array().expect("a list").iter().map(|artifact| &artifact["key"]).collect();
    assert_eq!(keys, ["a", "b", "b"]);
}

#[tokio::test]
async fn what_is_wrong_with_an_artifact_is_said() {
    let server = TestServer::start().await;
    let (status, answer) = server.post("/artifacts/", json!({"key": "A_b"})).await;
    assert_eq!(status, 422);
    assert_eq!(
        answer["exception_detail"][0]["msg"],
        json!("Value error, Artifact key must only contain lowercase letters, numbers, and dashes.")
    );
    let (status, answer) = server.post("/artifacts/", json!({"metadata_": {"x": 1}})).await;
    assert_eq!((status, &answer["exception_detail"][0]["loc"]), (422, &json!(["body", "metadata_", "x"])));
}
