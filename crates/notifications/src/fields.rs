//! Reads the data of blocks.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problem::Problem;

/// The fields of a block. What is said about wrong ones names them, but shows nothing of them.
pub(crate) fn read<T: DeserializeOwned>(data: &Map<String, Value>) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Value::Object(data.clone())).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.inner().to_string();
        if path == "." && reason.starts_with("missing field") {
            Problem::invalid(reason)
        } else {
            Problem::invalid(format!("the field `{path}` has a value that cannot be used"))
        }
    })
}

pub(crate) fn yes() -> bool {
    true
}

/// Texts that are not empty; null is none.
pub(crate) fn texts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let texts = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(texts.into_iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is only read into")]
    struct Fields {
        url: String,
        #[serde(default, deserialize_with = "super::texts")]
        names: Vec<String>,
    }

    #[test]
    fn wrong_fields_are_named_and_not_shown() {
        let cases = [
            (json!({}), "missing field `url`"),
            (json!({"url": {"secret": 1}}), "the field `url` has a value that cannot be used"),
            (json!({"url": "", "names": "secret"}), "the field `names` has a value that cannot be used"),
        ];
        for (data, expected) in cases {
            let refused = super::read::<Fields>(data.as_object().expect("an object"));
            assert_eq!(refused.expect_err("refused").to_string(), expected);
        }
        let data = json!({"url": "u", "names": null});
        super::read::<Fields>(data.as_object().expect("an object")).expect("null is none");
    }
}
