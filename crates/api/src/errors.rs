//! The one error of the edge. Handlers return [`ApiError`]; each constructor names the body that clients see:
//!
//! | constructor | status | body |
//! |---|---|---|
//! | [`ApiError::detail`] and its short forms | given | `{"detail": "..."}` |
//! | [`ApiError::object_not_found`] | 404 | `{"exception_message": "..."}` |
//! | [`ApiError::invalid`] | 422 | `{"exception_message", "exception_detail": [...], "request_body"}` |
//! | from [`StoreError`] | 409, 422, 500, 503 | by kind |

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use sluice_store::{JobError, StoreError};

/// An error that a client gets to see.
#[derive(Debug)]
pub struct ApiError(Box<Kind>);

#[derive(Debug)]
enum Kind {
    Detail { status: StatusCode, detail: Value, retry_after_seconds: Option<f64> },
    ObjectNotFound(String),
    Invalid { problems: Vec<Problem>, request_body: Value },
    Store(StoreError),
}

/// What is wrong with one place of a request.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// The kind of the problem, in the reference's terms, such as `missing`.
    pub r#type: String,
    /// Where: `["body", "tags", 0]`.
    pub loc: Vec<Value>,
    /// For people.
    pub msg: String,
    /// What was found there.
    pub input: Value,
    /// What the message was made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx: Option<Value>,
}

impl ApiError {
    /// `{"detail": detail}` with any status.
    pub fn detail(status: StatusCode, detail: impl Into<Value>) -> Self {
        Self(Box::new(Kind::Detail { status, detail: detail.into(), retry_after_seconds: None }))
    }

    /// 404, for instance "Flow not found".
    pub fn not_found(detail: impl Into<Value>) -> Self {
        Self::detail(StatusCode::NOT_FOUND, detail)
    }

    /// 409.
    pub fn conflict(detail: impl Into<Value>) -> Self {
        Self::detail(StatusCode::CONFLICT, detail)
    }

    /// 409 for what the schema of the database would refuse, such as null where a value must be.
    pub fn integrity_conflict() -> Self {
        Self::conflict(INTEGRITY_CONFLICT)
    }

    /// 422 with a sentence instead of a list of problems.
    pub fn unprocessable(detail: impl Into<Value>) -> Self {
        Self::detail(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// Any status, with the time after which the client may try again.
    pub fn retry_later(status: StatusCode, detail: impl Into<Value>, retry_after_seconds: f64) -> Self {
        let retry_after_seconds = Some(retry_after_seconds);
        Self(Box::new(Kind::Detail { status, detail: detail.into(), retry_after_seconds }))
    }

    /// 404 in the form of the orchestration routes.
    pub fn object_not_found(message: impl Into<String>) -> Self {
        Self(Box::new(Kind::ObjectNotFound(message.into())))
    }

    /// 422 with the list of problems.
    pub fn invalid(problems: Vec<Problem>, request_body: Value) -> Self {
        Self(Box::new(Kind::Invalid { problems, request_body }))
    }

    /// 422 for a text in the query string that is no point in time.
    pub fn invalid_time_in_query(name: &str, text: &str) -> Self {
        let problem = Problem {
            r#type: "value_error".to_owned(),
            loc: vec!["query".into(), name.into()],
            msg: format!("Value error, Unable to parse string [{text}]"),
            input: text.into(),
            ctx: Some(json!({ "error": {} })),
        };
        Self::invalid(vec![problem], Value::Null)
    }

    /// 422 with one problem in the body, for rules that are checked after reading it.
    pub fn invalid_field(path: &[&str], r#type: &str, msg: impl Into<String>, input: Value) -> Self {
        let loc = std::iter::once("body").chain(path.iter().copied()).map(Value::from).collect();
        let problem = Problem { r#type: r#type.to_owned(), loc, msg: msg.into(), input, ctx: None };
        Self::invalid(vec![problem], Value::Null)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self(Box::new(Kind::Store(error)))
    }
}

impl JobError for ApiError {
    fn store_error(&self) -> Option<&StoreError> {
        match &*self.0 {
            Kind::Store(error) => Some(error),
            _ => None,
        }
    }
}

const INTEGRITY_CONFLICT: &str = "Data integrity conflict. This usually means a unique or foreign key constraint \
                                  was violated. See server logs for details.";

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match *self.0 {
            Kind::Detail { status, detail, retry_after_seconds } => {
                let mut response = (status, Json(json!({ "detail": detail }))).into_response();
                let retry_after = retry_after_seconds.and_then(|seconds| format!("{seconds:?}").parse().ok());
                if let Some(retry_after) = retry_after {
                    response.headers_mut().insert(header::RETRY_AFTER, retry_after);
                }
                response
            }
            Kind::ObjectNotFound(message) => {
                (StatusCode::NOT_FOUND, Json(json!({ "exception_message": message }))).into_response()
            }
            Kind::Invalid { problems, request_body } => {
                let body = json!({
                    "exception_message": "Invalid request received.",
                    "exception_detail": problems,
                    "request_body": request_body,
                });
                (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
            }
            Kind::Store(error) => store_response(&error),
        }
    }
}

fn store_response(error: &StoreError) -> Response {
    match error {
        StoreError::Unique(_) | StoreError::ForeignKey(_) => {
            tracing::info!(%error, "answered a conflict of keys with 409");
            (StatusCode::CONFLICT, Json(json!({ "detail": INTEGRITY_CONFLICT }))).into_response()
        }
        StoreError::InvalidText(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "detail": error.to_string() }))).into_response()
        }
        StoreError::Unavailable(_) | StoreError::Conflict(_) => {
            tracing::error!(%error, "the database is unavailable");
            let body = Json(json!({ "exception_message": "Service Unavailable" }));
            let retry_after = [(header::RETRY_AFTER, HeaderValue::from_static("1"))];
            (StatusCode::SERVICE_UNAVAILABLE, retry_after, body).into_response()
        }
        StoreError::Secrets(_) => {
            tracing::error!(%error, "a secret cannot be sealed or opened");
            let body = Json(json!({ "detail": error.to_string() }));
            (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
        }
        StoreError::TooNew { .. }
        | StoreError::InvalidUrl(_)
        | StoreError::Corrupt(_)
        | StoreError::Internal(_) => {
            tracing::error!(%error, "a request failed");
            let body = Json(json!({ "exception_message": "Internal Server Error" }));
            (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
        }
    }
}
