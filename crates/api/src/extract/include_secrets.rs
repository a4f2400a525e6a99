//! `?include_secrets=true`

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use serde_json::Value;

use crate::ApiError;
use crate::errors::Problem;

/// Whether secrets are to be shown. They are hidden unless the query says otherwise.
#[derive(Debug, Clone, Copy)]
pub struct IncludeSecrets(pub bool);

#[derive(Deserialize)]
struct Parameters {
    include_secrets: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for IncludeSecrets {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let found = Query::<Parameters>::try_from_uri(&parts.uri).ok();
        let Some(text) = found.and_then(|Query(parameters)| parameters.include_secrets) else {
            return Ok(Self(false));
        };
        truth(&text).map(Self).ok_or_else(|| {
            let problem = Problem {
                r#type: "bool_parsing".to_owned(),
                loc: vec!["query".into(), "include_secrets".into()],
                msg: "Input should be a valid boolean, unable to interpret input".to_owned(),
                input: text.into(),
                ctx: None,
            };
            ApiError::invalid(vec![problem], Value::Null)
        })
    }
}

/// Every word that the reference takes for a truth value.
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "on" | "t" | "y" | "yes" => Some(true),
        "false" | "0" | "off" | "f" | "n" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::truth;

    #[test]
    fn truth_has_many_words() {
        let cases =
            [("true", Some(true)), ("True", Some(true)), ("1", Some(true)), ("no", Some(false)), ("", None)];
        for (text, expected) in cases {
            assert_eq!(truth(text), expected, "{text}");
        }
    }
}
