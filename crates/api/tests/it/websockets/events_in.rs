//! `/events/in`: what is confirmed is stored, whatever happens.

use std::sync::{Arc, Mutex, mpsc};

use futures::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value, json};
use sluice_store::{Database, Store};
use sluice_test_support::{TestServer, postgres, sqlite};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use super::{Client, count, event, now};

/// Keeps everyone from writing events until the returned sender is dropped.
async fn block_writing(store: &Store) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let shared = (Mutex::new(Some(begun)), Mutex::new(released));
    let store = store.clone();
    tokio::spawn(async move {
        let outcome: sluice_store::Result<()> = store
            .write_to(Database::Telemetry, Arc::new(shared), |_, shared| {
                Box::pin(async move {
                    if let Some(begun) = shared.0.lock().expect("no panic").take() {
                        let _ = begun.send(());
                    }
                    // Ends when the sender is dropped.
                    let _ = shared.1.lock().expect("no panic").recv();
                    Ok(())
                })
            })
            .await;
        outcome.expect("nothing is written");
    });
    has_begun.await.expect("the job runs");
    release
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pong_means_that_everything_before_the_ping_is_stored() {
    let server = TestServer::start().await;
    let mut client = Client::connect(&server, "/events/in").await;
    let release = block_writing(&server.server.store).await;
    for number in 0..2_500 {
        client.send(&event("held", &format!("r{number}"))).await;
    }
    client.0.send(Message::Ping("now".into())).await.expect("sent");
    // The server has had its time: it answers other things, and has read the events.
    for _ in 0..50 {
        assert_eq!(server.get("/health").await.0, 200);
    }
    assert!(client.0.next().now_or_never().is_none(), "the pong came before the commit");
    assert_eq!(count(&server, "held").await, 0);
    drop(release);
    client.pong().await;
    assert_eq!(count(&server, "held").await, 2_500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_each_get_true_pongs_on_both_databases() {
    for database in [Some(sqlite().await), postgres().await].into_iter().flatten() {
        let server = Arc::new(TestServer::start_with(database, Default::default()).await);
        let clients = (0..8).map(|number| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                let name = format!("of-{number}");
                let mut client = Client::connect(&server, "/events/in").await;
                for round in 1..=3 {
                    for _ in 0..200 {
                        client.send(&event(&name, "r")).await;
                    }
                    client.ping().await;
                    assert_eq!(count(&server, &name).await, round * 200);
                }
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.expect("no panic");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_pings_is_heard_too() {
    let server = TestServer::start().await;
    let mut client = Client::connect(&server, "/events/in").await;
    for _ in 0..100 {
        client.send(&event("unasked", "r")).await;
    }
    // The answer to the close comes after the commit.
    client.0.close(None).await.expect("closed");
    while client.0.next().await.is_some() {}
    assert_eq!(count(&server, "unasked").await, 100);
}

#[tokio::test]
async fn an_event_that_is_sent_again_is_the_same_event() {
    let server = TestServer::start().await;
    let again = event("again", "r");
    for _ in 0..2 {
        let mut client = Client::connect(&server, "/events/in").await;
        client.send(&again).await;
        client.send(&again).await;
        client.ping().await;
    }
    assert_eq!(count(&server, "again").await, 1);
}

#[tokio::test]
async fn a_frame_that_is_no_event_ends_only_its_connection() {
    let server = TestServer::start().await;
    for bad in [json!({"type": "x"}), json!("x"), {
        let mut event = event("bad", "r");
        event["resource"] = json!({});
        event
    }] {
        let mut client = Client::connect(&server, "/events/in").await;
        client.send(&event("good", "r")).await;
        client.send(&bad).await;
        assert_eq!(client.closed().await, None, "{bad}");
    }
    let mut client = Client::connect(&server, "/events/in").await;
    client.ping().await;
    assert_eq!((count(&server, "good").await, count(&server, "bad").await), (3, 0));
}

#[tokio::test]
async fn an_event_that_is_too_large_is_left_out() {
    let server = TestServer::start().await;
    let mut client = Client::connect(&server, "/events/in").await;
    let mut large = event("large", "r");
    large["payload"]["filler"] = "x".repeat(1_500_000).into();
    client.send(&large).await;
    client.send(&event("small", "r")).await;
    client.ping().await;
    assert_eq!((count(&server, "large").await, count(&server, "small").await), (0, 1));
}

#[tokio::test]
async fn odd_text_is_stored_on_both_databases() {
    for database in [Some(sqlite().await), postgres().await].into_iter().flatten() {
        let server = TestServer::start_with(database, Default::default()).await;
        let mut client = Client::connect(&server, "/events/in").await;
        let mut odd = event("odd", "nul \0 and \u{1F600}");
        odd["payload"] = json!({"nul": "\0", "quote": "\"\\", "deep": [[[{}]]]});
        client.send(&odd).await;
        client.send(&event("after", "r")).await;
        client.ping().await;
        assert_eq!((count(&server, "odd").await, count(&server, "after").await), (1, 1));
        let (_, page) = server.post("/events/filter", json!({"filter": {"event": {"name": ["odd"]}}})).await;
        assert_eq!(page["events"][0]["payload"], odd["payload"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_survives_the_stop_of_the_server() {
    let server = TestServer::start().await;
    for _ in 0..5_000 {
        let event = serde_json::from_value(event("last", "r")).expect("an event");
        server.server.events.accept(sluice_wire::ids::WorkspaceId::DEFAULT, event).await.expect("accepted");
    }
    let database = server.stop().await;
    let server = TestServer::start_with(database, Default::default()).await;
    assert_eq!(count(&server, "last").await, 5_000);
}

fn report(run: Uuid, flow_run: Uuid, state: &str, second: i32) -> Value {
    json!({
        "occurred": now().as_f64().expect("a number").floor() - 100.0 + f64::from(second), "event": format!("prefect.task-run.{state}"), "id": Uuid::now_v7(),
        "resource": {"prefect.resource.id": format!("prefect.task-run.{run}"), "prefect.orchestration": "client"},
        "related": [
            {"prefect.resource.id": format!("prefect.flow-run.{flow_run}"), "prefect.resource.role": "flow-run"},
        ],
        "payload": {
            "task_run": {"name": "t-0", "task_key": "t", "dynamic_key": "0", "empirical_policy": {}, "tags": []},
            "validated_state": {"type": state.to_uppercase(), "name": state},
        },
    })
}

#[tokio::test]
async fn reports_of_task_runs_become_task_runs() {
    for database in [Some(sqlite().await), postgres().await].into_iter().flatten() {
        let server = TestServer::start_with(database, Default::default()).await;
        let (run, flow_run) = (Uuid::now_v7(), Uuid::new_v4());
        let mut client = Client::connect(&server, "/events/in").await;
        for (state, second) in [("Pending", 1), ("Completed", 3), ("Running", 2)] {
            client.send(&report(run, flow_run, state, second)).await;
        }
        let mut unreadable = report(run, flow_run, "Failed", 4);
        unreadable["payload"] = json!({});
        client.send(&unreadable).await;
        client.ping().await;
        let stored = server
            .server
            .store
            .read(run, |tx, run| {
                Box::pin(async move {
                    let name: Option<String> = tx
                        .scalar("SELECT state_name FROM task_run WHERE id = ?1", sluice_store::params![*run])
                        .await?;
                    let states: Option<i64> =
                        tx.scalar("SELECT count(*) FROM task_run_state", Vec::new()).await?;
                    Ok::<_, sluice_store::StoreError>((name, states))
                })
            })
            .await
            .expect("read");
        assert_eq!(stored, (Some("Completed".to_owned()), Some(3)));
        assert_eq!(count(&server, "prefect.task-run.Failed").await, 1, "the event itself is kept");
    }
}
