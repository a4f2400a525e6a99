//! `/events/out`: stored events, then live ones; none is left out, none comes twice.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};
use sluice_store::outbox;
use sluice_test_support::{TestDatabase, TestServer, postgres, sqlite};
use sluice_wire::events::Event;
use sluice_wire::ids::WorkspaceId;

use super::{Client, count, event};

/// As the SDK asks.
fn ask(filter: Value) -> Value {
    let mut filter = filter;
    filter["occurred"] = json!({"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"});
    filter["id"] = json!({"id": []});
    filter["order"] = json!("DESC");
    json!({"type": "filter", "filter": filter})
}

fn named(name: &str) -> Value {
    ask(json!({"event": {"name": [name]}}))
}

async fn listen(server: &TestServer, request: &Value) -> Client {
    let mut client = Client::connect(server, "/events/out").await;
    client.send(request).await;
    client
}

async fn ids(client: &mut Client, number: usize) -> Vec<Value> {
    let mut ids = Vec::new();
    while ids.len() < number {
        let frame = client.receive().await;
        assert_eq!(frame["type"], "event");
        ids.push(frame["event"]["id"].clone());
    }
    ids
}

#[tokio::test]
async fn stored_events_come_first_and_then_the_live_ones() {
    let server = TestServer::start().await;
    let mut sender = Client::connect(&server, "/events/in").await;
    let stored = event("a", "stored");
    sender.send(&stored).await;
    sender.send(&event("b", "other")).await;
    sender.ping().await;
    let mut listener = listen(&server, &named("a")).await;
    let frame = listener.receive().await;
    assert_eq!(frame["event"]["id"], stored["id"]);
    assert!(frame["event"]["received"].is_string());
    let live = event("a", "live");
    sender.send(&event("b", "other")).await;
    sender.send(&live).await;
    let frame = listener.receive().await;
    let keys: Vec<&String> = frame["event"].as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["occurred", "event", "resource", "related", "payload", "id", "follows", "received"]);
    assert_eq!((&frame["event"]["id"], &frame["event"]["payload"]), (&live["id"], &live["payload"]));
}

#[tokio::test]
async fn stored_events_can_be_refused_and_end_a_quarter_of_an_hour_ago() {
    let server = TestServer::start().await;
    let mut old = event("a", "old");
    old["occurred"] = json!("2024-01-01T00:00:00Z");
    let recent = event("a", "recent");
    assert_eq!(server.post("/events", json!([old, recent])).await.0, 204);
    let mut everything = listen(&server, &named("a")).await;
    assert_eq!(everything.receive().await["event"]["id"], recent["id"]);
    let mut request = named("a");
    request["backfill"] = json!(false);
    let mut only_live = listen(&server, &request).await;
    // A pong says that the server has read the filter and listens.
    only_live.ping().await;
    let live = event("a", "live");
    assert_eq!(server.post("/events", json!([live])).await.0, 204);
    assert_eq!(only_live.receive().await["event"]["id"], live["id"]);
}

#[tokio::test]
async fn a_request_that_is_no_filter_is_closed_with_1002() {
    let server = TestServer::start().await;
    for (request, reason) in [
        (json!({"type": "auth"}), "Expected 'filter' message"),
        (json!({"type": "filter"}), "Invalid filter: "),
        (json!({"type": "filter", "filter": {"bogus": 1}}), "Invalid filter: "),
    ] {
        let mut client = listen(&server, &request).await;
        let (code, found) = client.closed().await.expect("a close frame");
        assert_eq!(code, 1002);
        assert!(found.starts_with(reason), "{found}");
    }
}

/// Everyone who connects while events pour in gets each of them exactly once: stored, live, or both ways.
async fn no_gap_and_nothing_twice(sending: Arc<TestServer>, listening: Arc<TestServer>) {
    const EVENTS: usize = 3_000;
    let sender = {
        let server = Arc::clone(&sending);
        tokio::spawn(async move {
            let mut client = Client::connect(&server, "/events/in").await;
            for _ in 0..EVENTS {
                client.send(&event("poured", "r")).await;
            }
            client.ping().await;
        })
    };
    let listeners = (0..4).map(|number| {
        let server = Arc::clone(&listening);
        tokio::spawn(async move {
            // Each begins at another moment.
            while count(&server, "poured").await < number * 400 {
                tokio::task::yield_now().await;
            }
            let mut client = listen(&server, &named("poured")).await;
            let all = ids(&mut client, EVENTS).await;
            let distinct: HashSet<String> = all.iter().map(Value::to_string).collect();
            assert_eq!(distinct.len(), EVENTS, "an event came twice");
        })
    });
    let listeners: Vec<_> = listeners.collect();
    sender.await.expect("sent");
    for listener in listeners {
        listener.await.expect("every event came once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_gap_between_stored_and_live() {
    for database in [Some(sqlite().await), postgres().await].into_iter().flatten() {
        let server = Arc::new(TestServer::start_with(database, Default::default()).await);
        no_gap_and_nothing_twice(Arc::clone(&server), server).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_hear_each_other() {
    let Some(database) = postgres().await else { return };
    let same = TestDatabase::at(database.url.clone());
    let first = Arc::new(TestServer::start_with(database, Default::default()).await);
    let second = Arc::new(TestServer::start_with(same, Default::default()).await);
    no_gap_and_nothing_twice(first, second).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_the_server_come_out_of_the_outbox_once() {
    for database in [Some(sqlite().await), postgres().await].into_iter().flatten() {
        let server = TestServer::start_with(database, Default::default()).await;
        let mut listener = listen(&server, &named("own")).await;
        listener.ping().await;
        let own: Vec<Event> =
            (0..600).map(|_| serde_json::from_value(event("own", "r")).expect("an event")).collect();
        let expected: HashSet<String> = own.iter().map(|event| json!(event.id).to_string()).collect();
        server
            .server
            .store
            .write(own, |tx, own| {
                Box::pin(async move {
                    for event in own {
                        outbox::push(tx, WorkspaceId::DEFAULT, event).await?;
                    }
                    Ok::<_, sluice_store::StoreError>(())
                })
            })
            .await
            .expect("committed");
        let came: HashSet<String> = ids(&mut listener, 600).await.iter().map(Value::to_string).collect();
        assert_eq!(came, expected);
        assert_eq!(count(&server, "own").await, 600);
        let database = server.stop().await;
        let left: Option<i64> = database
            .open()
            .await
            .read((), |tx, ()| {
                Box::pin(async move { tx.scalar("SELECT count(*) FROM outbox", Vec::new()).await })
            })
            .await
            .expect("counted");
        assert_eq!(left, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_too_slowly_gets_everything_still() {
    let server = TestServer::start().await;
    let mut slow = listen(&server, &named("much")).await;
    slow.ping().await;
    // More batches than are kept, more bytes than the connection buffers.
    let filler = "x".repeat(60_000);
    for _ in 0..400 {
        let mut much = event("much", "r");
        much["payload"]["filler"] = json!(filler);
        assert_eq!(server.post("/events", json!([much])).await.0, 204);
    }
    let all = ids(&mut slow, 400).await;
    let distinct: HashSet<String> = all.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), 400);
}

#[tokio::test]
async fn listeners_are_told_that_the_server_stops() {
    let server = TestServer::start().await;
    let mut listener = listen(&server, &named("a")).await;
    listener.ping().await;
    let (closed, _) = tokio::join!(listener.closed(), server.stop());
    assert_eq!(closed.map(|(code, _)| code), Some(1001));
}
