//! What the tests of the senders share.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
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
    let empty = json!({});
    let reason = refused("slack-app", empty.clone(), &message());
    assert!(reason.contains("'slack-app'") && reason.contains("'slack-webhook'"), "{reason}");
    for slug in crate::SUPPORTED {
        assert!(refused(slug, empty.clone(), &message()).starts_with("missing field"), "{slug}");
    }
    let mut nothing = message();
    (nothing.subject, nothing.body) = ("", "");
    assert_eq!(refused("slack-webhook", empty, &nothing), "the message is empty");
}

/// Every block has every field, so that whatever is drawn is looked at.
fn data() -> impl Strategy<Value = Map<String, Value>> {
    const FIELDS: [&str; 24] = [
        "url",
        "notify_type",
        "name",
        "json_data",
        "form_data",
        "params",
        "headers",
        "cookies",
        "secrets",
        "timeout",
        "hostname",
        "token",
        "channels",
        "port",
        "path",
        "api_key",
        "integration_key",
        "sender_email",
        "to_emails",
        "account_sid",
        "auth_token",
        "from_phone_number",
        "to_phone_numbers",
        "target_user",
    ];
    let text = prop_oneof![
        "[{}<>&@|!a-z0-9 :/.+é]{0,24}",
        Just("{{subject}}{{ body }}{{".to_owned()),
        Just("https://hooks.slack.com/services/a/b/c".to_owned()),
        Just("slack://é@a/b/c/é".to_owned()),
        Just("http://é.x/é?é#é".to_owned()),
        Just("AC123".to_owned()),
        Just("18004242424".to_owned()),
        Just("é <a@b>".to_owned()),
    ];
    let value = prop_oneof![
        4 => text.clone().prop_map(Value::from),
        1 => prop::collection::vec(text.clone(), 0..4).prop_map(Value::from),
        1 => prop::collection::btree_map(text.clone(), text, 0..3).prop_map(|map| json!(map)),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    prop::collection::vec(value, FIELDS.len())
        .prop_map(|values| FIELDS.iter().map(|&name| name.to_owned()).zip(values).collect())
}

proptest! {
    /// Whatever is saved in a block, and whatever a message says: there are requests or a reason.
    #[test]
    fn no_block_harms(data in data(), subject in "[{}<>&@|!a-z é\r\n]{0,40}", body in "\\PC{0,60}") {
        let message = Message { subject: &subject, body: &body, ..message() };
        for slug in crate::SUPPORTED {
            match requests(slug, &data, &message, &Endpoints::default()) {
                Ok(requests) => prop_assert!(!requests.is_empty()),
                Err(problem) => prop_assert!(!problem.to_string().is_empty()),
            }
        }
        let _ = crate::webhook(&data, &body, message.id);
    }
}
