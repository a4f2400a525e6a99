//! The channel of a worker.

use serde_json::{Value, json};
use sluice_store::cleanup_messages::{NewCleanupMessage, enqueue};
use sluice_store::{Store, StoreError, StoreOptions};
use sluice_test_support::{TestServer, sqlite};
use sluice_wire::ids::{FlowRunId, WorkPoolId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::worker_channel::CleanupKind;
use tokio_tungstenite::tungstenite::Error;
use uuid::Uuid;

use super::Client;

const CONSUMER: &str = "0199b1f8-5f5b-7cc1-9d0b-3a6a7a7b0c0e";

fn frame(kind: &str, payload: Value) -> Value {
    json!({"type": kind, "id": Uuid::new_v4(), "sent_at": "2026-11-22T12:00:00+00:00", "payload": payload})
}

fn hello(changes: Value) -> Value {
    let mut payload = json!({
        "consumer_id": CONSUMER, "worker_name": "w", "worker_type": "process", "heartbeat_interval_seconds": 30,
        "supported_channel_versions": ["work_pool_worker_channel.v1"],
        "requested_capabilities": ["worker_heartbeat.v1", "work_pool_snapshot.v1"],
        "work_queue_names": [], "worker_metadata": null,
    });
    for (key, value) in changes.as_object().expect("an object") {
        payload[key] = value.clone();
    }
    frame("worker.hello.v1", payload)
}

/// Connects and says hello; returns the answer.
async fn open(server: &TestServer, pool: &str, changes: Value) -> (Client, Value) {
    let mut client = Client::connect(server, &format!("/work_pools/{pool}/workers/connect")).await;
    client.send(&hello(changes)).await;
    let ready = client.receive().await;
    assert_eq!(ready["type"], "worker.ready.v1", "{ready}");
    (client, ready["payload"].clone())
}

async fn refused(server: &TestServer, pool: &str, first: Value) -> Option<(u16, String)> {
    let mut client = Client::connect(server, &format!("/work_pools/{pool}/workers/connect")).await;
    client.send(&first).await;
    client.closed().await
}

fn template() -> Value {
    json!({"job_configuration": {"command": "{{ command }}"}, "variables": {"properties": {"command": {}}}})
}

#[tokio::test]
async fn a_worker_that_is_let_in_is_online_and_its_pool_is_ready() {
    let server = TestServer::start().await;
    let create = json!({"create_pool_if_not_found": true, "default_base_job_template": template()});
    let (mut client, ready) = open(&server, "pool", create).await;
    assert_eq!(ready["consumer_id"], CONSUMER);
    assert_eq!(ready["selected_channel_version"], "work_pool_worker_channel.v1");
    assert_eq!(ready["accepted_capabilities"], json!(["worker_heartbeat.v1", "work_pool_snapshot.v1"]));
    assert_eq!(ready["resolved_work_queues"][0]["name"], "default");
    let snapshot = &ready["initial_snapshot"];
    assert_eq!((&snapshot["snapshot_sequence"], &snapshot["reason"]), (&json!(1), &json!("initial")));
    assert_eq!(snapshot["work_pool"]["base_job_template"], template());
    assert_eq!(snapshot["work_pool"]["status"], "READY");
    let (_, workers) = server.post("/work_pools/pool/workers/filter", json!({})).await;
    assert_eq!((&workers[0]["name"], &workers[0]["status"]), (&json!("w"), &json!("ONLINE")));

    let beat = json!({"consumer_id": CONSUMER, "worker_name": "w", "heartbeat_interval_seconds": 30});
    client.send(&frame("worker.heartbeat.v1", beat)).await;
    client.ping().await;
    let other = json!({"consumer_id": CONSUMER, "worker_name": "x", "heartbeat_interval_seconds": 30});
    client.send(&frame("worker.heartbeat.v1", other)).await;
    assert_eq!(client.closed().await, Some((1002, "protocol_error".to_owned())));
}

#[tokio::test]
async fn a_pool_without_a_template_gets_that_of_its_first_worker() {
    let server = TestServer::start().await;
    server.post("/work_pools/", json!({"name": "pool", "type": "process"})).await;
    open(&server, "pool", json!({"default_base_job_template": template()})).await;
    assert_eq!(server.get("/work_pools/pool").await.1["base_job_template"], template());
}

#[tokio::test]
async fn changes_that_workers_go_by_are_told() {
    let server = TestServer::start().await;
    server.post("/work_pools/", json!({"name": "pool", "type": "process"})).await;
    server.post("/work_pools/", json!({"name": "other", "type": "process"})).await;
    let (mut client, _) = open(&server, "pool", json!({})).await;
    server.patch("/work_pools/other", json!({"is_paused": true})).await;
    server.patch("/work_pools/pool", json!({"description": "nothing to a worker"})).await;
    server.patch("/work_pools/pool", json!({"is_paused": true, "concurrency_limit": 3})).await;
    let told = client.receive().await;
    assert_eq!(told["type"], "work_pool.snapshot.v1");
    let payload = &told["payload"];
    assert_eq!((&payload["snapshot_sequence"], &payload["reason"]), (&json!(2), &json!("work_pool_updated")));
    assert_eq!(payload["work_pool"]["concurrency_limit"], 3);
    assert_eq!(payload["work_pool"]["active_slots"], 0);
    assert_eq!(server.delete("/work_pools/pool").await.0, 204);
    assert_eq!(client.closed().await, Some((1008, "authorization_failed".to_owned())));
}

async fn deploy(server: &TestServer, flow: &str, queue: &str) -> String {
    let (_, flow) = server.post("/flows/", json!({ "name": flow })).await;
    let (_, deployment) = server
        .post(
            "/deployments/",
            json!({"name": queue, "flow_id": flow["id"], "work_pool_name": "pool", "work_queue_name": queue}),
        )
        .await;
    format!("/deployments/{}/create_flow_run", deployment["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_worker_that_wants_it_is_told_of_runs_that_are_due_now_and_later() {
    let server = TestServer::start().await;
    server.post("/work_pools/", json!({"name": "pool", "type": "process"})).await;
    server.post("/work_pools/pool/queues", json!({"name": "mine"})).await;
    let (mine, other) = (deploy(&server, "a", "mine").await, deploy(&server, "b", "other").await);
    let wanted = ["worker_heartbeat.v1", "work_pool_snapshot.v1", "scheduled_runs.v1"];
    let asked = json!({"requested_capabilities": wanted, "work_queue_names": ["mine"]});
    let (mut client, ready) = open(&server, "pool", asked).await;
    assert_eq!(ready["accepted_capabilities"], json!(wanted));
    assert_eq!(ready["rejected_capabilities"], json!([]));

    // What is not for it comes before what is: a frame that is sent by mistake would come first.
    server.post(&other, json!({"state": {"type": "SCHEDULED"}})).await;
    let soon = Timestamp::from_micros(soon_micros());
    let later = json!({"type": "SCHEDULED", "state_details": {"scheduled_time": soon}});
    let (_, run) = server.post(&mine, json!({"state": later})).await;
    let due = client.receive().await;
    assert_eq!(due["type"], "scheduled_runs.due.v1");
    assert_eq!(due["payload"]["work_pool_id"], ready["initial_snapshot"]["work_pool"]["id"]);
    assert!(soon_micros() - 1_000_000 >= soon.as_micros(), "told before its time");

    let claim = json!({"state": {"type": "PENDING"}});
    let id = run["id"].as_str().expect("an id");
    server.post(&format!("/flow_runs/{id}/set_state"), claim).await;
    server.post(&mine, json!({"state": {"type": "SCHEDULED"}})).await;
    assert_eq!(client.receive().await["type"], "scheduled_runs.due.v1");
}

/// A second from now.
fn soon_micros() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(now.as_micros()).expect("not for long") + 1_000_000
}

#[tokio::test]
async fn who_may_not_enter_is_told_why() {
    let server = TestServer::start().await;
    server.post("/work_pools/", json!({"name": "pool", "type": "process"})).await;
    let create = json!({"create_pool_if_not_found": true});
    let cases = [
        ("nope", hello(json!({})), 1008, "authorization_failed"),
        ("Prefect-pool", hello(create.clone()), 1008, "authorization_failed"),
        ("pool", hello(json!({"work_queue_names": ["nope"]})), 1008, "authorization_failed"),
        (
            "new",
            hello(json!({"create_pool_if_not_found": true, "work_queue_names": ["nope"]})),
            1008,
            "authorization_failed",
        ),
        ("pool", hello(json!({"supported_channel_versions": ["v9"]})), 1008, "unsupported_version"),
        ("pool", hello(json!({"requested_capabilities": ["worker_heartbeat.v1"]})), 1002, "protocol_error"),
        ("pool", hello(json!({"default_base_job_template": {"nonsense": 1}})), 1002, "protocol_error"),
        ("pool", frame("worker.heartbeat.v1", json!({})), 1002, "protocol_error"),
        ("pool", json!("nonsense"), 1002, "protocol_error"),
    ];
    for (pool, first, code, reason) in cases {
        assert_eq!(refused(&server, pool, first.clone()).await, Some((code, reason.to_owned())), "{first}");
    }
    assert_eq!(server.get("/work_pools/new").await.0, 404, "who is not let in leaves nothing behind");
    match Client::open(&server, "/work_pools/pool/workers/connect", false).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("expected 403, got {:?}", other.map(|_| ())),
    }
}

/// Queues a message for the pool behind the server's back.
async fn enqueue_cleanup(store: &Store, pool: WorkPoolId, key: &str) {
    let message = NewCleanupMessage {
        idempotency_key: key.to_owned(),
        work_pool_id: pool,
        work_queue_id: None,
        flow_run_id: FlowRunId::random(),
        infrastructure_pid: Some("1".to_owned()),
        kind: CleanupKind::CancellingTimeoutTeardown,
    };
    let stored: Result<bool, StoreError> = store
        .write(message, |tx, message| {
            // In the past, so that it need not wait for a worker of its own queue.
            Box::pin(enqueue(tx, WorkspaceId::DEFAULT, message, Timestamp::EPOCH))
        })
        .await;
    assert!(stored.expect("the message is stored"));
}

#[tokio::test]
async fn cleanup_messages_are_delivered_until_they_are_acknowledged() {
    let database = sqlite().await;
    let url = database.url.clone();
    let server = TestServer::start_with(database, sluice_api::ApiSettings::default()).await;
    let store = Store::open(&url, StoreOptions::default()).await.expect("a second handle on the database");
    let (_, pool) = server.post("/work_pools/", json!({"name": "pool", "type": "process"})).await;
    let pool: WorkPoolId = serde_json::from_value(pool["id"].clone()).expect("an id");
    enqueue_cleanup(&store, pool, "first").await;
    let (mut client, ready) = open(
        &server,
        "pool",
        json!({
            "requested_capabilities": ["worker_heartbeat.v1", "work_pool_snapshot.v1", "cleanup_delivery.v1", "new.v1"],
            "handled_cleanup_kinds": ["cancelling_timeout_teardown.v1"],
        }),
    )
    .await;
    assert_eq!(ready["effective_max_cleanup_concurrency"], 1);
    assert_eq!(ready["rejected_capabilities"], json!(["new.v1"]));
    let message = client.receive().await;
    assert_eq!(message["type"], "cleanup.message.v1");
    let id = message["payload"]["message_id"].clone();
    assert_eq!(message["payload"]["delivery_count"], 1);
    assert_eq!(message["payload"]["target"]["infrastructure_pid"], "1");
    let token = message["payload"]["reservation_token"].clone();

    let result = async |client: &mut Client, kind: &str, token: &Value| {
        let mut payload = json!({"message_id": id, "reservation_token": token});
        if kind == "cleanup.release.v1" {
            payload["reason"] = json!("busy");
        }
        let request = frame(kind, payload);
        client.send(&request).await;
        let answer = client.receive().await;
        assert_eq!(answer["payload"]["request_frame_id"], request["id"], "{answer}");
        answer["payload"].clone()
    };
    let wrong = result(&mut client, "cleanup.ack.v1", &json!("wrong")).await;
    assert_eq!(
        (&wrong["status"], &wrong["reason"]),
        (&json!("invalid_token"), &json!("reservation_token_mismatch"))
    );
    let renewed = result(&mut client, "cleanup.renew.v1", &token).await;
    assert_eq!(renewed["status"], "accepted");
    assert!(renewed["lease_expires_at"].is_string());
    assert_eq!(result(&mut client, "cleanup.release.v1", &token).await["status"], "accepted");
    let again = client.receive().await;
    assert_eq!(again["payload"]["delivery_count"], 2, "{again}");
    let token = again["payload"]["reservation_token"].clone();
    assert_eq!(result(&mut client, "cleanup.ack.v1", &token).await["status"], "accepted");
    assert_eq!(result(&mut client, "cleanup.ack.v1", &token).await["status"], "not_found");
}

#[tokio::test]
async fn a_worker_that_did_not_ask_for_cleanup_may_not_answer_for_it() {
    let server = TestServer::start().await;
    server.post("/work_pools/", json!({"name": "pool", "type": "process"})).await;
    let (mut client, _) = open(&server, "pool", json!({})).await;
    let payload = json!({"message_id": Uuid::new_v4(), "reservation_token": "t"});
    client.send(&frame("cleanup.ack.v1", payload)).await;
    let answer = client.receive().await["payload"].clone();
    assert_eq!(
        (&answer["status"], &answer["reason"]),
        (&json!("unauthorized"), &json!("cleanup_delivery_not_accepted"))
    );
}
