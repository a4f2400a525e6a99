//! `/logs`: stored in batches, read by filter.

use serde_json::{Value, json};
use sluice_test_support::TestServer;

#[tokio::test]
async fn lines_are_stored_and_read() {
    let server = TestServer::start().await;
    let run = "7f8d86a4-09f6-4b1c-8b1d-0a7b1f8a0f6e";
    let log = |second: i64, message: &str| json!({"name": "n", "level": 20, "message": message, "timestamp": 1_700_000_000 + second, "flow_run_id": run});
    assert_eq!(server.post("/logs/", json!([])).await, (201, Value::Null));
    assert_eq!(server.post("/logs/", json!([log(2, "b"), log(1, "a\u{0}")])).await, (201, Value::Null));
    let (status, found) = server.post("/logs/filter", json!({})).await;
    assert_eq!(status, 200);
    let messages: Vec<&Value> = found.as_array().expect("a list").iter().map(|log| &log["message"]).collect();
    assert_eq!(messages, ["a", "b"]);
    assert!(found[0]["created"].is_string() && found[0]["id"].is_string());
    let body = json!({"logs": {"text": {"query": "b"}}, "sort": "TIMESTAMP_DESC", "limit": 1, "offset": 0});
    let (_, found) = server.post("/logs/filter", body).await;
    assert_eq!(found.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said() {
    let server = TestServer::start().await;
    let cases = [
        ("/logs/", json!([{"name": "n"}]), json!(["body", 0, "level"])),
        (
            "/logs/",
            json!([{"name": "n", "level": 1, "message": "m", "timestamp": 1, "x": 1}]),
            json!(["body", 0, "x"]),
        ),
        ("/logs/filter", json!({"offset": -1}), json!(["body", "offset"])),
        (
            "/logs/filter",
            json!({"logs": {"text": {"query": "x".repeat(201)}}}),
            json!(["body", "logs", "text", "query"]),
        ),
    ];
    for (path, body, place) in cases {
        let (status, answer) = server.post(path, body).await;
        assert_eq!((status, &answer["exception_detail"][0]["loc"]), (422, &place), "{answer}");
    }
    let (status, answer) = server.post("/logs/filter", json!({"limit": 201})).await;
    assert_eq!(
        (status, &answer["detail"]),
        (422, &json!("Invalid limit: must be less than or equal to 200."))
    );
}
