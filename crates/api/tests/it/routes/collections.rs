use serde_json::{Value, json};
use sluice_test_support::TestServer;

#[tokio::test]
async fn every_kind_of_pool_can_be_created_from_its_template() {
    let server = TestServer::start().await;
    let (status, view) = server.get("/collections/views/aggregate-worker-metadata").await;
    assert_eq!(status, 200);
    let kinds: Vec<&Value> = view
        .as_object()
        .expect("packages")
        .values()
        .flat_map(|package| package.as_object().expect("kinds").values())
        .collect();
    let mut names: Vec<_> = kinds.iter().map(|kind| kind["type"].as_str().expect("a name")).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "azure-container-instance",
            "cloud-run",
            "cloud-run-v2",
            "docker",
            "ecs",
            "kubernetes",
            "process",
            "vertex-ai",
        ]
    );
    for kind in kinds {
        let template = &kind["default_base_job_configuration"];
        let pool = json!({"name": kind["type"], "type": kind["type"], "base_job_template": template});
        let (status, created) = server.post("/work_pools/", pool).await;
        assert_eq!(status, 201, "{}: {created}", kind["type"]);
        assert_eq!(&created["base_job_template"], template);
    }
}

#[tokio::test]
async fn an_unknown_view_is_404() {
    let server = TestServer::start().await;
    let missing = json!({"detail": "View nope not found in registry"});
    assert_eq!(server.get("/collections/views/nope").await, (404, missing));
}
