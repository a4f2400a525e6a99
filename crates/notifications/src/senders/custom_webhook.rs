//! The custom webhook: a request of the user's own making, with places for the message and for secrets.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::fields::{read, yes};
use crate::message::Message;
use crate::placeholders::{Values, fill};
use crate::problem::Problem;
use crate::request::{Method, Request};

/// However long the block would wait.
const LONGEST_TIMEOUT: f64 = 60.0;

#[derive(Deserialize)]
struct Block {
    name: String,
    url: String,
    #[serde(default)]
    method: Method,
    #[serde(default)]
    params: Option<Map<String, Value>>,
    #[serde(default)]
    json_data: Option<Map<String, Value>>,
    #[serde(default)]
    form_data: Option<Form>,
    #[serde(default)]
    headers: Option<Map<String, Value>>,
    #[serde(default)]
    cookies: Option<Map<String, Value>>,
    #[serde(default = "default_timeout")]
    timeout: f64,
    #[serde(default = "yes")]
    allow_private_urls: bool,
    #[serde(default)]
    secrets: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Text(String),
    Fields(Map<String, Value>),
}

fn default_timeout() -> f64 {
    10.0
}

pub(crate) fn request(data: &Map<String, Value>, message: &Message<'_>) -> Result<Request, Problem> {
    let block: Block = read(data)?;
    if block.form_data.is_some() && block.json_data.is_some() {
        return Err(Problem::invalid("both `Form Data` and `JSON Data` provided"));
    }
    let mut values: Values = block.secrets.clone().unwrap_or_default();
    let subject = if message.subject.is_empty() { "null" } else { message.subject };
    for (name, value) in [("subject", subject), ("body", message.body), ("name", block.name.as_str())] {
        values.insert(name.to_owned(), value.into());
    }
    let url = text(&fill("url", &block.url.into(), &values)?);
    let mut request = Request::new(block.method, &url)?;
    for (name, value) in pairs("headers", block.headers, &values)? {
        request = request.header(&name, value);
    }
    let params = pairs("params", block.params, &values)?;
    if !params.is_empty() {
        request.url.query_pairs_mut().clear().extend_pairs(params);
    }
    let cookies = pairs("cookies", block.cookies, &values)?;
    if !cookies.is_empty() {
        let cookies: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.default_header("Cookie", &cookies.join("; "));
    }
    if let Some(data) = block.json_data {
        request = request.with_json(&fill("json_data", &data.into(), &values)?);
    }
    match block.form_data {
        Some(Form::Text(raw)) => request.body = text(&fill("form_data", &raw.into(), &values)?).into_bytes(),
        Some(Form::Fields(fields)) if !fields.is_empty() => {
            let fields = pairs("form_data", Some(fields), &values)?;
            request = request.with_form(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        }
        _ => {}
    }
    request.default_header("Accept", "*/*");
    request.default_header("Idempotency-Key", &message.id.to_string());
    request.allow_private = block.allow_private_urls;
    if block.timeout.is_finite() && block.timeout > 0.0 {
        request.timeout = Some(Duration::from_secs_f64(block.timeout.min(LONGEST_TIMEOUT)));
    }
    Ok(request)
}

fn pairs(
    field: &str,
    given: Option<Map<String, Value>>,
    values: &Values,
) -> Result<Vec<(String, String)>, Problem> {
    let Some(given) = given else { return Ok(Vec::new()) };
    match fill(field, &given.into(), values)? {
        Value::Object(filled) => Ok(filled.into_iter().map(|(name, value)| (name, text(&value))).collect()),
        _ => Ok(Vec::new()),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::testing::{ID, form, headers, message, refused, sent};

    fn block(mut fields: Value) -> Value {
        fields["name"] = "n".into();
        if fields.get("url").is_none() {
            fields["url"] = "https://e.co/hook?a=1".into();
        }
        fields
    }

    #[test]
    fn a_bare_block_posts_nothing() {
        let [request] = sent("custom-webhook", block(json!({})), &message());
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://e.co/hook?a=1"));
        assert_eq!(
            headers(&request),
            [("User-Agent", "Prefect Notifications"), ("Accept", "*/*"), ("Idempotency-Key", ID)]
        );
        assert!(request.body.is_empty() && request.allow_private);
        assert_eq!(request.timeout, Some(Duration::from_secs(10)));
    }

    #[test]
    fn json_is_sent_with_everything_filled_in() {
        let data = block(json!({
            "params": {"q": "{{subject}}", "z": "ä b"},
            "json_data": {
                "t": "{{subject}}\n{{body}}", "n": ["{{ name }}", 1, null, {"x": "{{tok}}"}], "num": "{{num}}",
            },
            "headers": {"X-T": "Bearer {{tok}}"}, "cookies": {"c": "{{tok}}", "d": "e"},
            "secrets": {"tok": "S", "num": 5}, "timeout": 3, "allow_private_urls": false,
        }));
        let [request] = sent("custom-webhook", data, &message());
        assert_eq!(request.url.as_str(), "https://e.co/hook?q=The+subject&z=%C3%A4+b");
        assert_eq!(form(&request), r#"{"t":"The subject\nThe body","n":["n",1,null,{"x":"S"}],"num":5}"#);
        let headers = headers(&request);
        for expected in [("X-T", "Bearer S"), ("Cookie", "c=S; d=e"), ("Content-Type", "application/json")] {
            assert!(headers.contains(&expected), "{headers:?}");
        }
        assert_eq!(request.timeout, Some(Duration::from_secs(3)));
        assert!(!request.allow_private);
    }

    #[test]
    fn forms_are_fields_or_text() {
        let data =
            block(json!({"form_data": {"text": "{{subject}} & x", "t": "{{tok}}"}, "secrets": {"tok": "S"}}));
        let [request] = sent("custom-webhook", data, &message());
        assert_eq!(form(&request), "text=The+subject+%26+x&t=S");
        assert!(headers(&request).contains(&("Content-Type", "application/x-www-form-urlencoded")));

        let [request] =
            sent("custom-webhook", block(json!({"form_data": "raw {{body}}", "method": "PUT"})), &message());
        assert_eq!((request.method.as_str(), form(&request).as_str()), ("PUT", "raw The body"));
        assert!(!headers(&request).iter().any(|(name, _)| *name == "Content-Type"));
    }

    #[test]
    fn own_headers_win() {
        let data =
            block(json!({"json_data": {"a": 1}, "headers": {"User-Agent": "me", "content-type": "text/x"}}));
        let [request] = sent("custom-webhook", data, &message());
        assert_eq!(headers(&request)[..2], [("User-Agent", "me"), ("content-type", "text/x")]);
        assert!(!headers(&request).contains(&("Content-Type", "application/json")));
    }

    #[test]
    fn what_a_message_says_cannot_reach_the_secrets() {
        let mut message = message();
        message.body = "{{tok}} a b/ü?&";
        let data = block(json!({
            "url": "https://e.co/{{body}}", "method": "GET", "form_data": "{{subject}}{{body}}",
            "secrets": {"tok": "S"},
        }));
        message.subject = "";
        let [request] = sent("custom-webhook", data, &message);
        assert_eq!(request.url.as_str(), "https://e.co/%7B%7Btok%7D%7D%20a%20b/%C3%BC?&");
        assert_eq!(form(&request), "null{{tok}} a b/ü?&");
    }

    #[test]
    fn wrong_blocks_are_refused() {
        let cases = [
            (json!({"json_data": {"a": 1}, "form_data": "x"}), "both `Form Data` and `JSON Data` provided"),
            (
                json!({"json_data": {"a": ["{{unknown}}"]}}),
                "json_data holds the placeholder {{unknown}}, which is neither subject, body, name nor a secret",
            ),
            (
                json!({"headers": {"a": "{{ $HOME }}"}}),
                "headers holds the placeholder {{ $HOME }}, which is neither subject, body, name nor a secret",
            ),
            (json!({"url": "file:///etc/passwd"}), "the url is not valid: only http and https are allowed"),
        ];
        for (fields, expected) in cases {
            assert_eq!(refused("custom-webhook", block(fields), &message()), expected);
        }
    }
}
