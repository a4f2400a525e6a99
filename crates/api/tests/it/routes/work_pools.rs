use serde_json::{Value, json};
use sluice_test_support::TestServer;

#[tokio::test]
async fn a_pool_comes_with_a_default_queue_and_becomes_ready_with_its_first_worker() {
    let server = TestServer::start().await;
    let (status, pool) = server.post("/work_pools/", json!({"name": "pool", "type": "process"})).await;
    assert_eq!(status, 201, "{pool}");
    assert_eq!((&pool["status"], &pool["active_slots"]), (&json!("NOT_READY"), &Value::Null));
    let (_, queue) = server.get("/work_pools/pool/queues/default").await;
    assert_eq!((&queue["id"], &queue["priority"]), (&pool["default_queue_id"], &json!(1)));

    let heartbeat = json!({"name": "worker", "heartbeat_interval_seconds": 30});
    assert_eq!(server.post("/work_pools/pool/workers/heartbeat", heartbeat).await.0, 204);
    assert_eq!(server.get("/work_pools/pool").await.1["status"], "READY");
    let (_, workers) =
        server.post("/work_pools/pool/workers/filter", json!({"limit": null, "offset": null})).await;
    assert_eq!((&workers[0]["name"], &workers[0]["status"]), (&json!("worker"), &json!("ONLINE")));

    assert_eq!(server.patch("/work_pools/pool", json!({"is_paused": true})).await.0, 204);
    assert_eq!(server.get("/work_pools/pool").await.1["status"], "PAUSED");
    assert_eq!(server.patch("/work_pools/pool", json!({"is_paused": false})).await.0, 204);
    assert_eq!(server.get("/work_pools/pool").await.1["status"], "READY");
}

#[tokio::test]
async fn names_are_unique_some_are_reserved_and_unknown_ones_are_404() {
    let server = TestServer::start().await;
    assert_eq!(server.post("/work_pools/", json!({"name": "a"})).await.0, 201);
    let taken = json!({"detail": "A work pool with this name already exists."});
    assert_eq!(server.post("/work_pools/", json!({"name": "a"})).await, (409, taken));
    assert_eq!(server.post("/work_pools/", json!({"name": "Prefect-x"})).await.0, 403);
    for name in ["a/b", "", " ", "' '"] {
        assert_eq!(server.post("/work_pools/", json!({"name": name})).await.0, 422, "{name}");
    }
    assert_eq!(
        server.post("/work_pools/", json!({"name": "b", "base_job_template": {"foo": 1}})).await.0,
        422
    );
    let missing = (404, json!({"detail": "Work pool \"nope\" not found."}));
    assert_eq!(server.get("/work_pools/nope").await, missing);
    assert_eq!(server.post("/work_pools/nope/workers/heartbeat", json!({"name": "w"})).await, missing);
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_told_before_what_nobody_asked_for() {
    let server = TestServer::start().await;
    server.post("/work_pools/", json!({"name": "pool"})).await;
    let incomplete = json!({"name": "pool", "base_job_template": {"foo": 1}});
    let undeclared = json!({"name": "pool", "base_job_template": {
        "job_configuration": {"command": "{{ other }}"}, "variables": {"properties": {"command": {}}},
    }});
    for (body, told) in [(incomplete, "`job_configuration` key"), (undeclared, "variable(s): other.")] {
        let (status, answer) = server.patch("/work_pools/pool", body).await;
        assert_eq!(status, 422);
        let details = answer["exception_detail"].as_array().expect("a list");
        assert_eq!(details[0]["loc"], json!(["body", "base_job_template"]));
        assert!(details[0]["msg"].as_str().expect("a text").contains(told), "{answer}");
        assert_eq!((&details[1]["loc"], details.len()), (&json!(["body", "name"]), 2));
    }
}

#[tokio::test]
async fn queues_keep_unique_priorities() {
    let server = TestServer::start().await;
    server.post("/work_pools/", json!({"name": "pool", "type": "process"})).await;
    for (name, priority) in [("second", Value::Null), ("urgent", json!(1))] {
        let (status, queue) =
            server.post("/work_pools/pool/queues", json!({"name": name, "priority": priority})).await;
        assert_eq!(status, 201, "{queue}");
    }
    let (_, queues) = server.post("/work_pools/pool/queues/filter", json!({})).await;
    let order: Vec<_> = queues
        .as_array()
        .expect("a list")
        .iter()
        .map(|queue| (queue["name"].clone(), queue["priority"].clone()))
        .collect();
    assert_eq!(
        order,
        [(json!("urgent"), json!(1)), (json!("default"), json!(2)), (json!("second"), json!(3))]
    );
    assert_eq!(server.delete("/work_pools/pool/queues/default").await.0, 409, "the default queue stays");
    assert_eq!(server.delete("/work_pools/pool/queues/urgent").await.0, 204);
    assert_eq!(server.post("/work_pools/pool/queues", json!({"name": "second"})).await.0, 409);
}
