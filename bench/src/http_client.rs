//! A keep-alive HTTP client that speaks to one server as the SDK does.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::failure::Failure;

/// Longest wait for one answer. A server that needs longer has failed the request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// How often a request of the preparation is tried again, and after which pause.
const RETRIES: usize = 5;
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// The API version that every request of the SDK carries.
const API_VERSION: &str = "0.8.4";

/// Connections to one server, kept alive and shared by all clones.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient {
    client: reqwest::Client,
    base: String,
}

/// Why a measured request does not count as done; the label under which it is reported.
pub(crate) type Refusal = String;

impl HttpClient {
    /// `base` is the URL of the API without a trailing slash, such as `http://127.0.0.1:4200/api`.
    pub(crate) fn new(base: String) -> Result<Self, Failure> {
        let mut headers = HeaderMap::new();
        headers
            .insert(HeaderName::from_static("x-prefect-api-version"), HeaderValue::from_static(API_VERSION));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .timeout(REQUEST_TIMEOUT)
            .tcp_nodelay(true)
            .no_proxy()
            .build()?;
        Ok(Self { client, base })
    }

    /// The WebSocket URL of `path`.
    pub(crate) fn websocket_url(&self, path: &str) -> String {
        format!("{}{path}", self.base.replacen("http://", "ws://", 1))
    }

    /// POSTs during preparation. A server that is busy (503) or hangs up is asked again, as the SDK does; any
    /// other answer than a 2xx is a failure of the scenario.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let mut outcome = self.post_once(path, body).await;
        for _ in 0..RETRIES {
            match outcome {
                Err(Failure::UnexpectedStatus { status: 429 | 502 | 503, .. } | Failure::Http(_)) => {
                    tokio::time::sleep(RETRY_PAUSE).await;
                    outcome = self.post_once(path, body).await;
                }
                settled => return settled,
            }
        }
        outcome
    }

    async fn post_once(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let response = self.client.post(self.url(path)).body(body.to_string()).send().await?;
        let status = response.status();
        let body = response.bytes().await?;
        if !status.is_success() {
            return Err(Failure::UnexpectedStatus {
                method: "POST",
                path: path.to_owned(),
                status: status.as_u16(),
                body: String::from_utf8_lossy(&body).chars().take(500).collect(),
            });
        }
        if body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(&body)?) }
    }

    /// POSTs and takes the field `id` of the answer.
    pub(crate) async fn create(&self, path: &str, body: &Value) -> Result<String, Failure> {
        let created = self.post(path, body).await?;
        created
            .get("id")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| Failure::MissingField { path: path.to_owned(), field: "id" })
    }

    /// POSTs and takes the answer as a bare number.
    pub(crate) async fn count(&self, path: &str, body: &Value) -> Result<u64, Failure> {
        let answer = self.post(path, body).await?;
        answer.as_u64().ok_or_else(|| Failure::MissingField { path: path.to_owned(), field: "number" })
    }

    /// A measured POST: the whole answer is read; a status outside 2xx becomes a label to count.
    pub(crate) async fn measured_post(&self, path: &str, body: String) -> Result<Vec<u8>, Refusal> {
        self.measured(self.client.post(self.url(path)).body(body)).await
    }

    /// Like [`Self::measured_post`] with compression offered, as the SDK offers it.
    pub(crate) async fn measured_post_gzip(&self, path: &str, body: String) -> Result<Vec<u8>, Refusal> {
        self.measured(self.client.post(self.url(path)).header("accept-encoding", "gzip, deflate").body(body))
            .await
    }

    async fn measured(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, Refusal> {
        let response = request.send().await.map_err(|error| transport_label(&error))?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| transport_label(&error))?;
        if status.is_success() { Ok(body.into()) } else { Err(status.as_u16().to_string()) }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn transport_label(error: &reqwest::Error) -> Refusal {
    if error.is_timeout() { "timeout".to_owned() } else { "connection".to_owned() }
}
