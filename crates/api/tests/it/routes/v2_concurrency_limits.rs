use serde_json::{Value, json};
use sluice_test_support::TestServer;

async fn create(server: &TestServer, body: Value) -> Value {
    let (status, limit) = server.post("/v2/concurrency_limits/", body).await;
    assert_eq!(status, 201, "{limit}");
    limit
}

async fn active_slots(server: &TestServer, name: &str) -> Value {
    server.get(&format!("/v2/concurrency_limits/{name}")).await.1["active_slots"].clone()
}

#[tokio::test]
async fn slots_are_taken_under_a_lease_and_given_back() {
    let server = TestServer::start().await;
    let limit = create(&server, json!({"name": "database", "limit": 2})).await;
    let request = json!({"names": ["database", "unknown"], "slots": 2, "lease_duration": 60});
    let (status, taken) = server.post("/v2/concurrency_limits/increment-with-lease", request.clone()).await;
    assert_eq!(status, 200, "{taken}");
    assert_eq!(taken["limits"], json!([{"id": limit["id"], "name": "database", "limit": 2}]));
    assert_eq!(active_slots(&server, "database").await, 2);

    let (status, _) = server.post("/v2/concurrency_limits/increment-with-lease", request.clone()).await;
    assert_eq!(status, 423, "the limit is full");

    let lease = taken["lease_id"].as_str().expect("a lease");
    let renew = format!("/v2/concurrency_limits/leases/{lease}/renew");
    assert_eq!(server.post(&renew, json!({"lease_duration": 120})).await.0, 204);
    let give_back = json!({"lease_id": lease});
    assert_eq!(server.post("/v2/concurrency_limits/decrement-with-lease", give_back.clone()).await.0, 204);
    assert_eq!(active_slots(&server, "database").await, 0);
    assert_eq!(server.post(&renew, json!({})).await.0, 410, "the lease is gone");
    assert_eq!(server.post("/v2/concurrency_limits/decrement-with-lease", give_back).await.0, 204);
    assert_eq!(active_slots(&server, "database").await, 0, "slots are given back once");
}

#[tokio::test]
async fn a_full_limit_says_when_to_ask_again() {
    let server = TestServer::start().await;
    create(&server, json!({"name": "a", "limit": 1, "active_slots": 1})).await;
    let response = reqwest::Client::new()
        .post(server.url("/v2/concurrency_limits/increment"))
        .json(&json!({"names": ["a"], "slots": 1}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 423);
    let retry_after: f64 =
        response.headers()["retry-after"].to_str().expect("text").parse().expect("a number");
    assert!(retry_after > 0.0 && retry_after < 60.0, "{retry_after}");
}

#[tokio::test]
async fn requests_that_no_limit_can_serve_are_refused() {
    let server = TestServer::start().await;
    create(&server, json!({"name": "a", "limit": 1})).await;
    let cases = [
        (json!({"names": ["a"], "slots": 2}), "Slots requested is greater than the limit"),
        (
            json!({"names": ["a"], "slots": 1, "mode": "rate_limit"}),
            "Only concurrency limits with slot decay can be used for rate limiting. The following limits do not \
             have a decay configured: 'a'",
        ),
    ];
    for (request, detail) in cases {
        assert_eq!(
            server.post("/v2/concurrency_limits/increment", request).await,
            (422, json!({"detail": detail}))
        );
    }
    let nothing = server.post("/v2/concurrency_limits/increment", json!({"names": [], "slots": 1})).await;
    assert_eq!(nothing, (200, json!([])));
    for request in [json!({"names": ["a"], "slots": 0}), json!({"slots": 1})] {
        assert_eq!(
            server.post("/v2/concurrency_limits/increment", request.clone()).await.0,
            422,
            "{request}"
        );
    }
    let unknown = json!({"names": ["nothing"], "slots": 1});
    assert_eq!(server.post("/v2/concurrency_limits/increment", unknown).await, (200, json!([])));
}

#[tokio::test]
async fn all_limits_give_a_slot_or_none_does() {
    let server = TestServer::start().await;
    create(&server, json!({"name": "free", "limit": 5})).await;
    create(&server, json!({"name": "full", "limit": 1, "active_slots": 1})).await;
    let request = json!({"names": ["free", "full"], "slots": 1});
    assert_eq!(server.post("/v2/concurrency_limits/increment", request).await.0, 423);
    assert_eq!(active_slots(&server, "free").await, 0);
}

#[tokio::test]
async fn names_are_unique_and_limits_change_and_go() {
    let server = TestServer::start().await;
    let limit = create(&server, json!({"name": "a", "limit": 1})).await;
    assert_eq!(server.post("/v2/concurrency_limits/", json!({"name": "a", "limit": 1})).await.0, 409);
    assert_eq!(server.post("/v2/concurrency_limits/", json!({"name": "b", "limit": -1})).await.0, 422);
    let path = format!("/v2/concurrency_limits/{}", limit["id"].as_str().expect("an id"));
    assert_eq!(server.patch(&path, json!({"limit": 7})).await.0, 204);
    assert_eq!(server.get("/v2/concurrency_limits/a").await.1["limit"], 7);
    assert_eq!(server.delete(&path).await.0, 204);
    assert_eq!(server.get(&path).await, (404, json!({"detail": "Concurrency Limit not found"})));
}
