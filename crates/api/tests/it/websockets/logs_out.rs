//! `/logs/out`: log lines as they are stored.

use serde_json::{Value, json};
use sluice_test_support::TestServer;
use uuid::Uuid;

use super::Client;

fn log(run: Uuid, level: i64, message: &str) -> Value {
    json!({"name": "prefect.flow_runs", "level": level, "message": message, "timestamp": "2026-11-22T08:00:00Z",
        "flow_run_id": run, "task_run_id": null})
}

#[tokio::test]
async fn lines_that_meet_the_filter_come_live() {
    let server = TestServer::start().await;
    let (run, other) = (Uuid::new_v4(), Uuid::new_v4());
    assert_eq!(server.post("/logs/", json!([log(run, 20, "before")])).await.0, 201);
    let mut listener = Client::connect(&server, "/logs/out").await;
    listener
        .send(&json!({"type": "filter", "filter": {"flow_run_id": {"any_": [run]}, "level": {"ge_": 20}}}))
        .await;
    // A pong says that the server has read the filter and listens.
    listener.ping().await;
    let lines = json!([
        log(run, 10, "debug"),
        log(other, 20, "other"),
        log(run, 20, "first"),
        log(run, 30, "second")
    ]);
    assert_eq!(server.post("/logs/", lines).await, (201, Value::Null));
    let frame = listener.receive().await;
    assert_eq!(frame["type"], "log");
    let keys: Vec<&String> = frame["log"].as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        ["id", "created", "updated", "name", "level", "message", "timestamp", "flow_run_id", "task_run_id"]
    );
    assert_eq!((&frame["log"]["message"], &frame["log"]["created"]), (&json!("first"), &Value::Null));
    assert_eq!(listener.receive().await["log"]["message"], "second");
}

#[tokio::test]
async fn a_request_that_is_no_filter_is_closed_with_1002() {
    let server = TestServer::start().await;
    for (request, reason) in [
        (json!({"type": "subscribe"}), "Expected 'filter' message"),
        (json!({"type": "filter", "filter": {"bogus": 1}}), "Invalid filter: "),
    ] {
        let mut client = Client::connect(&server, "/logs/out").await;
        client.send(&request).await;
        let (code, found) = client.closed().await.expect("a close frame");
        assert_eq!(code, 1002);
        assert!(found.starts_with(reason), "{found}");
    }
}
