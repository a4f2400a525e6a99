use serde_json::{Value, json};
use sluice_test_support::TestServer;

/// Creates a flow and a run of it in the queue, in state `kind`; returns the id of the run.
async fn run(server: &TestServer, pool: &str, queue: &str, kind: &str, due: &str) -> Value {
    let (_, flow) = server.post("/flows/", json!({"name": "flow"})).await;
    let state = json!({"type": kind, "state_details": {"scheduled_time": due}});
    let body =
        json!({"flow_id": flow["id"], "state": state, "work_pool_name": pool, "work_queue_name": queue});
    let (status, run) = server.post("/flow_runs/", body).await;
    assert_eq!(status, 201, "{run}");
    run["id"].clone()
}

#[tokio::test]
async fn queues_without_a_pool_live_in_a_pool_of_their_own() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/work_queues/name/etl").await.0, 404);
    let (status, queue) = server.post("/work_queues/", json!({"name": "etl"})).await;
    assert_eq!((status, &queue["work_pool_name"]), (201, &json!("default-agent-pool")), "{queue}");
    assert_eq!(server.get("/work_queues/name/etl").await.1["id"], queue["id"]);
    let taken = json!({"detail": "A work queue with this name already exists."});
    assert_eq!(server.post("/work_queues/", json!({"name": "etl"})).await, (409, taken));
    let status_path = format!("/work_queues/{}/status", queue["id"].as_str().expect("an id"));
    let (_, health) = server.get(&status_path).await;
    assert_eq!(
        health,
        json!({
            "healthy": false, "late_runs_count": 0, "last_polled": null,
            "health_check_policy": {"maximum_late_runs": 0, "maximum_seconds_since_last_polled": 60},
        })
    );
}

#[tokio::test]
async fn a_poll_hands_out_runs_and_shows_that_somebody_polls() {
    let server = TestServer::start().await;
    server.post("/work_pools/", json!({"name": "pool", "type": "process"})).await;
    let run = run(&server, "pool", "default", "SCHEDULED", "2020-01-01T00:00:00Z").await;
    let poll = json!({"work_queue_names": [], "scheduled_before": "2030-01-01 00:00:00+00:00"});
    let (status, runs) = server.post("/work_pools/pool/get_scheduled_flow_runs", poll).await;
    assert_eq!(status, 200, "{runs}");
    assert_eq!(runs[0]["flow_run"]["id"], run);
    assert_eq!(
        (&runs[0]["flow_run"]["state"], &runs[0]["flow_run"]["work_queue_name"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(runs[0]["flow_run"]["state_type"], "SCHEDULED");
    let (_, queue) = server.get("/work_pools/pool/queues/default").await;
    assert_eq!(queue["status"], "READY");
    assert!(queue["last_polled"].is_string(), "{queue}");
    let id = queue["id"].as_str().expect("an id");
    let (_, health) = server.get(&format!("/work_queues/{id}/status")).await;
    assert_eq!(health["healthy"], true);
    let (_, runs) = server.post(&format!("/work_queues/{id}/get_runs"), json!({})).await;
    assert_eq!((&runs[0]["id"], &runs[0]["state"]["type"]), (&run, &json!("SCHEDULED")));
    let missing = json!({"detail": "Work pool queue 'pool/nope' not found."});
    let poll = json!({"work_queue_names": ["nope"]});
    assert_eq!(server.post("/work_pools/pool/get_scheduled_flow_runs", poll).await, (404, missing));
}

#[tokio::test]
async fn who_holds_the_slots_is_told() {
    let server = TestServer::start().await;
    server.post("/work_pools/", json!({"name": "pool", "type": "process", "concurrency_limit": 5})).await;
    let pending = run(&server, "pool", "default", "PENDING", "2020-01-01T00:00:00Z").await;
    let (status, of_pool) = server.post("/work_pools/pool/concurrency_status", json!({})).await;
    assert_eq!(status, 200, "{of_pool}");
    assert_eq!((&of_pool["active_slots"], &of_pool["concurrency_limit"]), (&json!(1), &json!(5)));
    assert_eq!((&of_pool["count"], &of_pool["pages"], &of_pool["page"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(of_pool["queues"][0]["flow_runs"][0]["id"], pending);
    assert_eq!(of_pool["queues"][0]["flow_run_count"], 1);
    let id = of_pool["queues"][0]["queue_id"].as_str().expect("an id");
    let (_, of_queue) =
        server.post(&format!("/work_queues/{id}/concurrency_status"), json!({"limit": 1})).await;
    assert_eq!((&of_queue["active_slots"], &of_queue["limit"]), (&json!(1), &json!(1)), "{of_queue}");
    assert_eq!(of_queue["flow_runs"][0]["state_type"], "PENDING");
    assert_eq!(
        server.post("/work_pools/pool/concurrency_status", json!({"flow_run_limit": 201})).await.0,
        422
    );
}
