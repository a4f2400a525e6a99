//! What every WebSocket begins with.

use serde_json::json;
use sluice_api::ApiSettings;
use sluice_test_support::{TestServer, sqlite};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::Client;

async fn with_authentication() -> TestServer {
    let settings = ApiSettings { auth_string: Some("user:pass".to_owned()), ..ApiSettings::default() };
    TestServer::start_with(sqlite().await, settings).await
}

#[tokio::test]
async fn the_first_frame_decides() {
    let open = TestServer::start().await;
    let guarded = with_authentication().await;
    let auth = |token: serde_json::Value| json!({"type": "auth", "token": token});
    let denied = |reason: &str| Some((1008, reason.to_owned()));
    let cases = [
        (&open, auth(json!(null)), None),
        (&open, auth(json!("anything")), None),
        (&open, json!({"type": "filter"}), denied("Expected 'auth' message")),
        (&guarded, auth(json!("user:pass")), None),
        (&guarded, auth(json!(null)), denied("Auth required but no token provided")),
        (&guarded, auth(json!("")), denied("Auth required but no token provided")),
        (&guarded, auth(json!("user:past")), denied("Invalid token")),
        (&guarded, auth(json!("user:pass2")), denied("Invalid token")),
    ];
    for path in ["/events/in", "/events/out", "/logs/out"] {
        for (server, frame, expected) in &cases {
            let mut client = Client::open(server, path, true).await.expect("the upgrade is accepted");
            client.send(frame).await;
            match expected {
                None => assert_eq!(client.receive().await, json!({"type": "auth_success"}), "{path} {frame}"),
                Some(_) => assert_eq!(client.closed().await, *expected, "{path} {frame}"),
            }
        }
    }
}

#[tokio::test]
async fn nonsense_ends_the_connection_without_a_word() {
    let server = TestServer::start().await;
    for frame in [Message::text("hello"), Message::text("[]"), Message::binary(&b"{\"type\":\"auth\"}"[..])] {
        let mut client = Client::open(&server, "/events/in", true).await.expect("the upgrade is accepted");
        futures::SinkExt::send(&mut client.0, frame).await.expect("sent");
        assert_eq!(client.closed().await, None);
    }
}

#[tokio::test]
async fn old_clients_are_let_in_only_where_nobody_authenticates() {
    let open = TestServer::start().await;
    let mut client = Client::open(&open, "/events/in", false).await.expect("the upgrade is accepted");
    client.ping().await;
    let guarded = with_authentication().await;
    match Client::open(&guarded, "/events/in", false).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("expected 403, got {:?}", other.map(|_| ())),
    }
}
