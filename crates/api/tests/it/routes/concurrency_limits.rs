use serde_json::{Value, json};
use sluice_test_support::TestServer;

const RUN: &str = "11111111-1111-4111-8111-111111111111";
const OTHER: &str = "22222222-2222-4222-8222-222222222222";

#[tokio::test]
async fn a_task_run_holds_a_slot_of_its_tag_until_it_gives_it_back() {
    let server = TestServer::start().await;
    let body = json!({"tag": "small", "concurrency_limit": 1});
    assert_eq!(server.post("/concurrency_limits/", body.clone()).await.0, 201);
    assert_eq!(server.post("/concurrency_limits/", body).await.0, 200, "a second time it is changed");

    let take = |run: &str| json!({"names": ["small"], "task_run_id": run});
    assert_eq!(server.post("/concurrency_limits/increment", take(RUN)).await.0, 200);
    assert_eq!(server.post("/concurrency_limits/increment", take(OTHER)).await.0, 423);
    assert_eq!(server.get("/concurrency_limits/tag/small").await.1["active_slots"], json!([RUN]));

    assert_eq!(
        server.post("/concurrency_limits/decrement", take(OTHER)).await.0,
        200,
        "who holds nothing gives nothing"
    );
    assert_eq!(server.post("/concurrency_limits/increment", take(OTHER)).await.0, 423);
    assert_eq!(server.post("/concurrency_limits/decrement", take(RUN)).await.0, 200);
    assert_eq!(server.post("/concurrency_limits/increment", take(OTHER)).await.0, 200);
}

#[tokio::test]
async fn slots_are_reset_to_whom_one_says() {
    let server = TestServer::start().await;
    server.post("/concurrency_limits/", json!({"tag": "small", "concurrency_limit": 5})).await;
    server.post("/concurrency_limits/increment", json!({"names": ["small"], "task_run_id": RUN})).await;
    let reset = json!({"slot_override": [OTHER]});
    assert_eq!(server.post("/concurrency_limits/tag/small/reset", reset).await, (200, Value::Null));
    let (_, limit) = server.get("/concurrency_limits/tag/small").await;
    assert_eq!(limit["active_slots"], json!([OTHER]));
    assert_eq!(server.get("/v2/concurrency_limits/tag:small").await.1["active_slots"], 1);
    assert_eq!(server.post("/concurrency_limits/filter", json!({})).await.1, json!([limit]));
    assert_eq!(server.delete("/concurrency_limits/tag/small").await, (200, Value::Null));
    assert_eq!(server.delete("/concurrency_limits/tag/small").await.0, 404);
}
