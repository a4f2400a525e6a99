use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sluice_test_support::TestServer;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn send(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.expect("the message is sent");
}

async fn receive(socket: &mut Socket) -> Value {
    let message = socket.next().await.expect("a message").expect("no error");
    serde_json::from_str(message.to_text().expect("text")).expect("JSON")
}

/// A task worker of the task `greet`.
async fn subscribe(server: &TestServer, client_id: &str) -> Socket {
    let url = server.url("/task_runs/subscriptions/scheduled").replace("http", "ws");
    let mut request = url.into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "prefect".parse().expect("a value"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("the server answers");
    send(&mut socket, json!({"type": "auth", "token": null})).await;
    assert_eq!(receive(&mut socket).await["type"], "auth_success");
    send(&mut socket, json!({"type": "subscribe", "keys": ["greet"], "client_id": client_id})).await;
    socket
}

async fn schedule(server: &TestServer, dynamic_key: &str) -> Value {
    let state = json!({"type": "SCHEDULED", "state_details": {"deferred": true}});
    let body = json!({"task_key": "greet", "dynamic_key": dynamic_key, "state": state});
    let (status, run) = server.post("/task_runs/", body).await;
    assert_eq!(status, 201, "{run}");
    run
}

#[tokio::test]
async fn a_task_run_is_created_once_and_changes_its_state() {
    let server = TestServer::start().await;
    let body = json!({"task_key": "k", "dynamic_key": "0", "name": "k-0"});
    let (status, run) = server.post("/task_runs/", body.clone()).await;
    assert_eq!((status, &run["state"]["type"]), (201, &json!("PENDING")));
    let (status, again) = server.post("/task_runs/", body).await;
    assert_eq!((status, &again["id"]), (200, &run["id"]));
    let path = format!("/task_runs/{}", run["id"].as_str().expect("an id"));
    let (status, answer) =
        server.post(&format!("{path}/set_state"), json!({"state": {"type": "COMPLETED"}})).await;
    assert_eq!((status, &answer["status"]), (201, &json!("ACCEPT")));
    let fields: Vec<&String> = run.as_object().expect("an object").keys().collect();
    insta::assert_json_snapshot!(fields);
    assert_eq!(server.delete(&path).await.0, 204);
    assert_eq!(server.get(&path).await, (404, json!({"detail": "Task not found"})));
}

#[tokio::test]
async fn a_scheduled_background_run_is_handed_to_a_worker() {
    let server = TestServer::start().await;
    let waiting = schedule(&server, "0").await;
    let mut worker = subscribe(&server, "one").await;
    assert_eq!(receive(&mut worker).await["id"], waiting["id"]);
    let (_, workers) = server.post("/task_workers/filter", json!({})).await;
    assert_eq!((&workers[0]["identifier"], &workers[0]["task_keys"]), (&json!("one"), &json!(["greet"])));
    send(&mut worker, json!({"type": "ack"})).await;
    let next = schedule(&server, "1").await;
    assert_eq!(receive(&mut worker).await["id"], next["id"]);
}

#[tokio::test]
async fn what_a_worker_did_not_acknowledge_goes_to_another() {
    let server = TestServer::start().await;
    let run = schedule(&server, "0").await;
    let mut first = subscribe(&server, "one").await;
    assert_eq!(receive(&mut first).await["id"], run["id"]);
    let mut second = subscribe(&server, "two").await;
    first.close(None).await.expect("it closes");
    assert_eq!(receive(&mut second).await["id"], run["id"]);
}

#[tokio::test]
async fn a_worker_that_breaks_the_protocol_is_sent_away() {
    let server = TestServer::start().await;
    let mut worker = subscribe(&server, "").await;
    let end = worker.next().await.expect("a message").expect("no error");
    let Message::Close(Some(frame)) = end else { panic!("{end:?}") };
    assert_eq!(u16::from(frame.code), 4001);
    assert_eq!(frame.reason.as_str(), "Protocol violation: expected 'client_id' in subscribe message");
}
