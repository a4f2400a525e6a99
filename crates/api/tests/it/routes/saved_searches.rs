//! `/saved_searches`

use serde_json::json;
use sluice_test_support::TestServer;

#[tokio::test]
async fn a_search_is_replaced_by_one_of_its_name() {
    let server = TestServer::start().await;
    let criterion = json!({"object": "flow", "property": "name", "type": "string", "operation": "equals", "value": "etl"});
    let (status, search) =
        server.send("PUT", "/saved_searches/", Some(&json!({"name": "mine", "filters": [criterion]}))).await;
    assert_eq!((status, &search["filters"]), (201, &json!([criterion])));
    let (status, replaced) = server.send("PUT", "/saved_searches/", Some(&json!({"name": "mine"}))).await;
    assert_eq!((status, &replaced["id"], &replaced["filters"]), (200, &search["id"], &json!([])));

    let path = format!("/saved_searches/{}", search["id"].as_str().expect("an id"));
    assert_eq!(server.get(&path).await, (200, replaced.clone()));
    assert_eq!(server.post("/saved_searches/filter", json!({})).await, (200, json!([replaced])));
    assert_eq!(server.post("/saved_searches/filter", json!({"limit": 0})).await, (200, json!([])));
    assert_eq!(server.delete(&path).await.0, 204);
    assert_eq!(server.delete(&path).await, (404, json!({"detail": "Saved search not found"})));
    assert_eq!(server.get(&path).await.0, 404);
}
