//! What the tests of the senders share.

use serde_json::Value;
use sluice_wire::time::Timestamp;

use crate::{Endpoints, Message, Request, requests};

pub(crate) const ID: &str = "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51";

pub(crate) fn message() -> Message<'static> {
    Message {
        subject: "The subject",
        body: "The body",
        id: ID.parse().expect("an id"),
        sent: Timestamp::from_micros(1_795_336_300_500_000),
    }
}

pub(crate) fn all_sent(slug: &str, data: Value, message: &Message<'_>) -> Vec<Request> {
    let Value::Object(data) = data else { panic!("the data of a block are an object") };
    requests(slug, &data, message, &Endpoints::default()).expect("requests")
}

pub(crate) fn sent<const N: usize>(slug: &str, data: Value, message: &Message<'_>) -> [Request; N] {
    all_sent(slug, data, message).try_into().expect("as many requests")
}

/// Why the block cannot be used.
pub(crate) fn refused(slug: &str, data: Value, message: &Message<'_>) -> String {
    let Value::Object(data) = data else { panic!("the data of a block are an object") };
    requests(slug, &data, message, &Endpoints::default()).expect_err("refused").to_string()
}

pub(crate) fn headers(request: &Request) -> Vec<(&str, &str)> {
    request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

pub(crate) fn form(request: &Request) -> String {
    String::from_utf8(request.body.clone()).expect("text")
}

/// The body, which is JSON.
pub(crate) fn body(request: &Request) -> Value {
    assert!(headers(request).contains(&("Content-Type", "application/json")));
    serde_json::from_slice(&request.body).expect("JSON")
}

#[test]
fn only_what_can_be_sent_is_taken() {
    let empty = serde_json::json!({});
    let reason = refused("slack-app", empty.clone(), &message());
    assert!(reason.contains("'slack-app'") && reason.contains("'slack-webhook'"), "{reason}");
    for slug in crate::SUPPORTED {
        assert!(refused(slug, empty.clone(), &message()).starts_with("missing field"), "{slug}");
    }
    let mut nothing = message();
    (nothing.subject, nothing.body) = ("", "");
    assert_eq!(refused("slack-webhook", empty, &nothing), "the message is empty");
}
