//! The `Webhook` block: a call whose body the automation says.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::fields::{read, yes};
use crate::problem::Problem;
use crate::request::{Method, Request};

#[derive(Deserialize)]
struct Block {
    url: String,
    #[serde(default)]
    method: Method,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default = "yes")]
    allow_private_urls: bool,
    #[serde(default = "yes")]
    verify: bool,
}

pub(crate) fn request(data: &Map<String, Value>, payload: &str, id: Uuid) -> Result<Request, Problem> {
    let block: Block = read(data)?;
    let mut request = Request::new(block.method, &block.url)?;
    for (name, value) in block.headers.unwrap_or_default() {
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        request = request.header(&name, text);
    }
    request.default_header("Accept", "*/*");
    request.default_header("Idempotency-Key", &id.to_string());
    request.body = payload.as_bytes().to_vec();
    request.allow_private = block.allow_private_urls;
    request.verify = block.verify;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{ID, form, headers, message};
    use crate::{Problem, Request};

    fn call(data: &Value, payload: &str) -> Result<Request, Problem> {
        crate::webhook(data.as_object().expect("an object"), payload, message().id)
    }

    #[test]
    fn a_webhook_is_called() {
        let request = call(&json!({"url": "https://e.co/x?a=1"}), "").expect("a request");
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://e.co/x?a=1"));
        assert_eq!(
            headers(&request),
            [("User-Agent", "Prefect Notifications"), ("Accept", "*/*"), ("Idempotency-Key", ID)]
        );
        assert!(request.body.is_empty() && request.allow_private && request.verify);
    }

    #[test]
    fn every_field_is_used() {
        let data = json!({
            "url": "http://e.co/", "method": "PATCH", "allow_private_urls": false, "verify": false,
            "headers": {"X-Token": "s", "n": 1, "idempotency-key": "mine", "user-agent": "me"},
        });
        let request = call(&data, "{\"é\": 1}").expect("a request");
        assert_eq!(request.method.as_str(), "PATCH");
        assert_eq!(
            headers(&request),
            [
                ("X-Token", "s"),
                ("idempotency-key", "mine"),
                ("n", "1"),
                ("user-agent", "me"),
                ("Accept", "*/*")
            ]
        );
        assert_eq!(form(&request), "{\"é\": 1}");
        assert!(!request.allow_private && !request.verify);
    }

    #[test]
    fn wrong_blocks_are_refused() {
        let cases = [
            (json!({}), "missing field `url`"),
            (json!({"url": "x"}), "the url is not valid: relative URL without a base"),
            (
                json!({"url": "http://x", "method": "BREW"}),
                "the field `method` has a value that cannot be used",
            ),
        ];
        for (data, expected) in cases {
            assert_eq!(call(&data, "").expect_err("refused").to_string(), expected);
        }
    }
}
