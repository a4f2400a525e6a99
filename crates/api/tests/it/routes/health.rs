use serde_json::json;
use sluice_test_support::TestServer;

#[tokio::test]
async fn says_that_it_lives_that_it_works_and_what_it_is() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/health").await, (200, json!(true)));
    assert_eq!(server.get("/ready").await, (200, json!({"message": "OK"})));
    assert_eq!(server.get("/hello").await, (200, json!("👋")));
    assert_eq!(server.get("/version").await, (200, json!("0.8.4")));
    assert_eq!(server.get("/admin/version").await, (200, json!("3.8.8")));
    assert_eq!(server.get("/admin/storage").await, (200, json!({"default_result_storage_block_id": null})));
    assert_eq!(server.get("/nothing/here").await, (404, json!({"detail": "Not Found"})));
    let (status, metrics) = server.get("/metrics").await;
    assert_eq!(status, 200);
    assert!(metrics.as_str().is_some_and(|text| text.contains("sluice_http_requests_total")), "{metrics}");
}
