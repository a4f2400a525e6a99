//! `/events`: recorded, read page by page, counted.

use serde_json::{Value, json};
use sluice_test_support::TestServer;
use uuid::Uuid;

fn event(occurred: &str, name: &str, resource: &str) -> Value {
    json!({"occurred": occurred, "event": name, "resource": {"prefect.resource.id": resource}, "id": Uuid::now_v7()})
}

#[tokio::test]
async fn pages_lead_to_each_other() {
    let server = TestServer::start().await;
    let events: Vec<Value> =
        (0..5).map(|second| event(&format!("2024-05-20T08:00:0{second}Z"), "a", "r")).collect();
    assert_eq!(server.post("/events", json!(events)).await, (204, Value::Null));
    let body = json!({
        "filter": {
            "occurred": {"since": "2024-05-01T00:00:00Z"}, "event": {"name": ["a"]}, "order": "ASC"
        },
        "limit": 2
    });
    let (status, mut page) = server.post("/events/filter", body).await;
    assert_eq!(status, 200, "{page}");
    let mut seen = Vec::new();
    loop {
        assert_eq!(page["total"], 5);
        seen.extend(page["events"].as_array().expect("a list").iter().map(|event| event["id"].clone()));
        let Some(next) = page["next_page"].as_str() else { break };
        let base = server.url("");
        let (status, next_page) = server.get(next.strip_prefix(&base).expect("a URL of this server")).await;
        assert_eq!(status, 200, "{next_page}");
        page = next_page;
    }
    assert_eq!(seen, events.iter().map(|event| event["id"].clone()).collect::<Vec<_>>());
    let first = &server
        .post(
            "/events/filter",
            json!({
                "filter": {"occurred": {"since": "2024-01-01T00:00:00Z"}, "event": {"name": ["a"]}}, "limit": 1
            }),
        )
        .await
        .1["events"][0];
    assert_eq!(first["occurred"], "2024-05-20T08:00:04Z", "newest first");
    assert_eq!(
        (&first["related"], &first["payload"], &first["follows"]),
        (&json!([]), &json!({}), &Value::Null)
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said() {
    let server = TestServer::start().await;
    let filter = "/events/filter";
    let mut nameless = event("2024-05-20T08:00:00Z", "a", "r");
    nameless["resource"] = json!({});
    let cases = [
        ("/events", json!([nameless]), json!(["body", 0, "resource"]), "value_error"),
        ("/events", json!([{"event": "x"}]), json!(["body", 0, "occurred"]), "missing"),
        (filter, json!({"limit": 51}), json!(["body", "limit"]), "less_than_equal"),
        (filter, json!({"limit": -1}), json!(["body", "limit"]), "greater_than_equal"),
        (filter, json!({"filter": {"bogus": 1}}), json!(["body", "filter", "bogus"]), "extra_forbidden"),
        ("/events/count-by/day", json!({}), json!(["body", "filter"]), "missing"),
        (
            "/events/count-by/day",
            json!({"filter": {}, "time_interval": 0}),
            json!(["body", "time_interval"]),
            "greater_than_equal",
        ),
        ("/events/count-by/mood", json!({"filter": {}}), json!(["path", "countable"]), "enum"),
    ];
    for (path, body, place, kind) in cases {
        let (status, answer) = server.post(path, body).await;
        let problem = &answer["exception_detail"][0];
        assert_eq!((status, &problem["loc"], &problem["type"]), (422, &place, &json!(kind)), "{answer}");
    }
    assert_eq!(server.get("/events/filter/next?page-token=zzz").await, (403, json!({"detail": "Forbidden"})));
    assert_eq!(server.get("/events/filter/next").await.0, 422);
    let (status, answer) =
        server.post("/events/count-by/time", json!({"filter": {}, "time_unit": "second"})).await;
    assert_eq!(status, 422);
    assert!(
        answer["detail"].as_str().expect("a sentence").ends_with("to produce 1000 buckets or fewer."),
        "{answer}"
    );
}

#[tokio::test]
async fn counts() {
    let server = TestServer::start().await;
    let events = [
        event("2024-05-20T08:00:00Z", "a", "r"),
        event("2024-05-20T09:00:00Z", "a", "s"),
        event("2024-05-21T08:00:00Z", "b", "r"),
    ];
    assert_eq!(server.post("/events", json!(events)).await.0, 204);
    let filter = json!({"occurred": {"since": "2024-05-20T00:00:00Z", "until": "2024-05-21T23:00:00Z"}});
    let (status, by_event) = server.post("/events/count-by/event", json!({"filter": filter})).await;
    assert_eq!(status, 200, "{by_event}");
    assert_eq!(
        by_event,
        json!([
            {"value": "a", "label": "a", "count": 2, "start_time": "2024-05-20T08:00:00Z", "end_time": "2024-05-20T09:00:00Z"},
            {"value": "b", "label": "b", "count": 1, "start_time": "2024-05-21T08:00:00Z", "end_time": "2024-05-21T08:00:00Z"},
        ])
    );
    let (_, by_day) = server.post("/events/count-by/day", json!({"filter": filter})).await;
    assert_eq!(
        by_day,
        json!([
            {"value": "0", "label": "2024-05-20T00:00:00+00:00", "count": 2,
             "start_time": "2024-05-20T00:00:00Z", "end_time": "2024-05-20T23:59:59.999999Z"},
            {"value": "1", "label": "2024-05-21T00:00:00+00:00", "count": 1,
             "start_time": "2024-05-21T00:00:00Z", "end_time": "2024-05-21T23:59:59.999999Z"},
        ])
    );
}
