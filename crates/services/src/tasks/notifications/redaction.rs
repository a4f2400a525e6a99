//! Takes secrets out of what is told of an answer: services like to repeat what they were sent.

use serde_json::{Map, Value};
use sluice_delivery::Answer;
use sluice_notifications::Request;

/// What is shorter stands in other words too.
const SHORTEST: usize = 6;
/// Characters of an answer that are told.
const LONGEST_BODY: usize = 1_000;
/// The fields of blocks that hold secrets.
const FIELDS: [&str; 12] = [
    "account_sid",
    "api_key",
    "apikey",
    "auth_token",
    "cookies",
    "headers",
    "integration_key",
    "secrets",
    "token",
    "url",
    "webhook_id",
    "webhook_token",
];

/// The texts that are not told.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    secrets: Vec<String>,
}

impl Redaction {
    pub(super) fn new(data: &Map<String, Value>, requests: &[Request]) -> Self {
        let mut secrets = Vec::new();
        for field in FIELDS {
            if let Some(value) = data.get(field) {
                collect(value, &mut secrets);
            }
        }
        for url in requests.iter().map(|request| &request.url) {
            secrets.push(url.to_string());
            secrets.push(url.path().to_owned());
            secrets.extend(url.query().map(str::to_owned));
            secrets.extend(url.password().map(str::to_owned));
            secrets.extend(url.path().split('/').filter(|part| part.len() >= 16).map(str::to_owned));
            secrets.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
        }
        for (name, value) in requests.iter().flat_map(|request| &request.headers) {
            if name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("cookie") {
                secrets.push(value.clone());
            }
        }
        secrets.retain(|secret| secret.len() >= SHORTEST);
        // The longest first: they may hold others.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self { secrets }
    }

    /// The text with stars in the place of secrets.
    pub(super) fn apply(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| {
            if text.contains(secret.as_str()) { text.replace(secret.as_str(), "***") } else { text }
        })
    }

    /// What is told of the answer to the call of a webhook.
    pub(super) fn answer(&self, answer: &Answer) -> Map<String, Value> {
        let headers: Map<String, Value> = answer
            .headers
            .iter()
            .filter(|(name, _)| !is_hidden(name))
            .map(|(name, value)| (name.clone(), self.apply(value).into()))
            .collect();
        Map::from_iter([
            ("response_body".to_owned(), truncated(&self.apply(&answer.body)).into()),
            ("response_headers".to_owned(), headers.into()),
        ])
    }
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, into)),
        _ => {}
    }
}

/// Headers that are secret, or say nothing about the answer.
fn is_hidden(name: &str) -> bool {
    ["authorization", "set-cookie", "traceparent", "via"].contains(&name)
        || ["x-forwarded", "x-b3", "x-cloud-trace", "x-envoy", "x-prefect"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

/// The beginning and the end of a long text.
fn truncated(text: &str) -> String {
    let count = text.chars().count();
    let half = LONGEST_BODY / 2;
    if count <= LONGEST_BODY {
        return text.to_owned();
    }
    let start: String = text.chars().take(half).collect();
    let end: String = text.chars().skip(count - half).collect();
    let shorter = format!("{start}...{} additional characters...{end}", count - 2 * half);
    if shorter.chars().count() < count { shorter } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluice_delivery::Answer;

    use super::{Redaction, truncated};

    #[test]
    fn secrets_are_not_told() {
        let data = json!({
            "url": "https://example.com/hooks/0123456789abcdef?token=supersecret",
            "headers": {"Authorization": "Bearer deep-secret", "X": "1"},
        });
        let data = data.as_object().expect("an object");
        let request = sluice_notifications::webhook(data, "", uuid::Uuid::nil()).expect("a request");
        let redaction = Redaction::new(data, &[request]);
        for (text, expected) in [
            ("all is well", "all is well"),
            ("no /hooks/0123456789abcdef here", "no *** here"),
            ("0123456789abcdef, supersecret", "***, ***"),
            ("you sent Bearer deep-secret and 1", "you sent *** and 1"),
        ] {
            assert_eq!(redaction.apply(text), expected);
        }
        let answer = Answer {
            status: 200,
            headers: [
                ("x-echo", "Bearer deep-secret"),
                ("set-cookie", "a=b"),
                ("via", "x"),
                ("date", "today"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
            body: "supersecret 🦊".to_owned(),
        };
        assert_eq!(
            serde_json::to_value(redaction.answer(&answer)).expect("JSON"),
            json!({"response_body": "*** 🦊", "response_headers": {"x-echo": "***", "date": "today"}})
        );
    }

    #[test]
    fn long_texts_are_truncated_in_the_middle() {
        let text = "é".repeat(1_000);
        assert_eq!(truncated(&text), text);
        let text = "é".repeat(1_200);
        assert_eq!(truncated(&text), format!("{0}...200 additional characters...{0}", "é".repeat(500)));
        let text = "é".repeat(1_001);
        assert_eq!(truncated(&text), text);
    }
}
