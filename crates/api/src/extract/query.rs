//! Ids in the query string.

use std::convert::Infallible;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::{Value, json};

use crate::ApiError;
use crate::errors::Problem;

/// The query string, for routes that ask for an id in it.
#[derive(Debug)]
pub struct QueryId(String);

impl<S: Send + Sync> FromRequestParts<S> for QueryId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.uri.query().unwrap_or_default().to_owned()))
    }
}

impl QueryId {
    /// The id of this name; 422 when it is missing or none.
    pub fn required<T: FromStr>(&self, name: &str) -> Result<T, ApiError> {
        let given = self.0.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        let problem = |r#type: &str, msg: &str, input: Value, ctx: Option<Value>| {
            let loc = vec!["query".into(), name.into()];
            let problem = Problem { r#type: r#type.to_owned(), loc, msg: msg.to_owned(), input, ctx };
            ApiError::invalid(vec![problem], Value::Null)
        };
        let Some((_, text)) = given else {
            return Err(problem("missing", "Field required", Value::Null, None));
        };
        text.parse().map_err(|_| {
            let ctx = json!({ "error": "invalid UUID" });
            problem("uuid_parsing", "Input should be a valid UUID", text.into(), Some(ctx))
        })
    }
}
