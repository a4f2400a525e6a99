use serde_json::json;
use sluice_test_support::TestServer;

#[tokio::test]
async fn a_flow_is_created_once_and_read_by_id_and_name() {
    let server = TestServer::start().await;
    let (status, flow) = server.post("/flows/", json!({"name": "etl", "tags": ["a"]})).await;
    assert_eq!(status, 201);
    assert_eq!(server.post("/flows", json!({"name": "etl"})).await, (200, flow.clone()));
    let id = flow["id"].as_str().expect("an id");
    assert_eq!(server.get(&format!("/flows/{id}")).await, (200, flow.clone()));
    assert_eq!(server.get("/flows/name/etl").await, (200, flow.clone()));
    assert_eq!(server.delete(&format!("/flows/{id}")).await.0, 204);
    assert_eq!(server.get(&format!("/flows/{id}")).await, (404, json!({"detail": "Flow not found"})));
}

#[tokio::test]
async fn bad_bodies_are_described_as_the_reference_does() {
    let server = TestServer::start().await;
    let (status, body) = server.post("/flows/", json!({"name": "a/b"})).await;
    assert_eq!(status, 422);
    insta::assert_json_snapshot!(body);
    assert_eq!(server.get("/flows/not-an-id").await, (404, json!({"detail": "Not Found"})));
    assert_eq!(server.get("/flows/").await.0, 405);
}
