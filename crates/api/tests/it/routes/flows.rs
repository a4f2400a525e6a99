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

#[tokio::test]
async fn flows_are_found_counted_and_paged() {
    let server = TestServer::start().await;
    for name in ["c", "a", "b"] {
        server.post("/flows/", json!({"name": name, "tags": ["x"]})).await;
    }
    let names = |found: &serde_json::Value| -> Vec<String> {
        let flows = found.as_array().expect("a list");
        flows.iter().map(|flow| flow["name"].as_str().expect("a name").to_owned()).collect()
    };
    let (status, found) = server.send("POST", "/flows/filter", None).await;
    assert_eq!((status, names(&found)), (200, vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
    let (_, found) =
        server.post("/flows/filter", json!({"sort": "CREATED_DESC", "limit": 1, "offset": 1})).await;
    assert_eq!(names(&found), ["a"]);
    assert_eq!(
        server.post("/flows/count", json!({"flows": {"name": {"any_": ["a"]}}})).await,
        (200, json!(1))
    );

    let (_, page) = server.post("/flows/paginate", json!({"limit": 2, "page": 2})).await;
    assert_eq!(names(&page["results"]), ["c"]);
    assert_eq!(
        (&page["count"], &page["limit"], &page["pages"], &page["page"]),
        (&json!(3), &json!(2), &json!(2), &json!(2))
    );
    let (_, page) = server.post("/flows/paginate", json!({"limit": 0})).await;
    assert_eq!((&page["results"], &page["pages"]), (&json!([]), &json!(0)));

    let too_many = server.post("/flows/filter", json!({"limit": 201})).await;
    assert_eq!(too_many, (422, json!({"detail": "Invalid limit: must be less than or equal to 200."})));
    let (status, answer) = server.post("/flows/filter", json!({"flows": {"name": {"anyy_": []}}})).await;
    assert_eq!(status, 422);
    assert_eq!(answer["exception_detail"][0]["loc"], json!(["body", "flows", "name", "anyy_"]));
}

#[tokio::test]
async fn flows_are_deleted_together() {
    let server = TestServer::start().await;
    for name in ["c", "a", "b"] {
        server.post("/flows/", json!({"name": name})).await;
    }
    let (status, answer) = server.post("/flows/bulk_delete", json!({"limit": 2, "flows": {}})).await;
    assert_eq!((status, answer["deleted"].as_array().map(Vec::len)), (200, Some(2)));
    let (_, left) = server.post("/flows/filter", json!({})).await;
    assert_eq!((left.as_array().map(Vec::len), &left[0]["name"]), (Some(1), &json!("c")));
    let (status, answer) = server.post("/flows/bulk_delete", json!({"limit": 51})).await;
    assert_eq!((status, &answer["exception_detail"][0]["type"]), (422, &json!("less_than_equal")));
}

#[tokio::test]
async fn the_user_interface_asks_about_several_flows_at_once() {
    let server = TestServer::start().await;
    let (_, flow) = server.post("/flows/", json!({"name": "etl"})).await;
    let id = flow["id"].as_str().expect("an id");
    let body = json!({"flow_ids": [id]});
    assert_eq!(server.post("/ui/flows/count-deployments", body.clone()).await, (200, json!({id: 0})));
    assert_eq!(server.post("/ui/flows/next-runs", body).await, (200, json!({id: null})));
    assert_eq!(server.post("/ui/flows/next-runs", json!({})).await.0, 422);
}
