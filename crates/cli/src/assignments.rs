//! Values given as `key=value`.

use serde_json::{Map, Value};

use crate::exit::Failure;

/// The pairs of `key=value`; a value that is JSON is what it says, anything else is text.
pub(crate) fn parse_all(option: &str, texts: &[String]) -> Result<Map<String, Value>, Failure> {
    texts.iter().map(|text| parse(option, text)).collect()
}

fn parse(option: &str, text: &str) -> Result<(String, Value), Failure> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value_of(value))),
        _ => Err(Failure::usage(format!("{option} {text:?} is not of the form key=value"))),
    }
}

/// JSON as it is, anything else as text.
pub(crate) fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// The object that `text` is.
pub(crate) fn object(option: &str, text: &str) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::usage(format!("{option} is no JSON object: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse_all;

    #[test]
    fn values_are_json_where_they_can_be() {
        let texts: Vec<String> =
            ["n=1", "text=a b", "list=[1]", "quoted=\"1\"", "empty=", "sum=a=b"].map(str::to_owned).to_vec();
        let parsed = parse_all("--param", &texts).expect("pairs");
        let expected =
            json!({ "n": 1, "text": "a b", "list": [1], "quoted": "1", "empty": "", "sum": "a=b" });
        assert_eq!(json!(parsed), expected);
        for wrong in ["key", "=value"] {
            assert!(parse_all("--param", &[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
