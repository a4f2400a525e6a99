//! Requests and answers: connections, credentials, CSRF tokens, and which failures are tried again.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Method, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sluice_wire::time::Timestamp;
use tokio::sync::RwLock;
use uuid::Uuid;

use crate::error::{ClientError, detail};
use crate::target::{Credentials, Target};
use crate::{API_VERSION, CLIENT_VERSION};

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest wait before a request is tried again, also where the server asks for more.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// What a server says that wants a CSRF token with requests that change something.
const CSRF_REFUSALS: [&str; 3] =
    ["Missing CSRF token.", "Missing client identifier.", "Invalid CSRF token or client identifier."];

/// Speaks with one server. Clones share connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    target: Arc<Target>,
    /// How often a request that failed for a moment is tried again.
    retries: u32,
    /// Held by every request, and by one alone that the server had too much to do for.
    turns: Option<Arc<RwLock<()>>>,
    csrf: Arc<Csrf>,
}

/// The token of a server that wants one; asked for when it first says so.
struct Csrf {
    client: Uuid,
    token: RwLock<Option<HeaderValue>>,
}

impl Client {
    /// Prepares to speak with `target`; nothing is sent yet.
    pub fn new(target: Target) -> Result<Self, ClientError> {
        use_ring();
        let mut headers = HeaderMap::new();
        headers.insert("x-prefect-api-version", HeaderValue::from_static(API_VERSION));
        for (name, value) in &target.headers {
            let unusable = || ClientError::Unusable(format!("{name:?} cannot be sent as a header"));
            let name = HeaderName::try_from(name).map_err(|_| unusable())?;
            headers.insert(name, HeaderValue::try_from(value).map_err(|_| unusable())?);
        }
        let agent = format!("prefect/{CLIENT_VERSION} (API {API_VERSION})");
        headers.insert(USER_AGENT, HeaderValue::try_from(agent).map_err(unusable)?);
        if let Some(authorization) = authorization(&target.credentials)? {
            headers.insert(AUTHORIZATION, authorization);
        }
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .timeout(TIMEOUT)
            .tcp_nodelay(true)
            .build()
            .map_err(unusable)?;
        let csrf = Csrf { client: Uuid::new_v4(), token: RwLock::new(None) };
        Ok(Self { http, target: Arc::new(target), retries: 0, turns: None, csrf: Arc::new(csrf) })
    }

    /// The same with requests that failed for a moment (no connection, 429, 502, 503) tried again this often. What is
    /// sent twice because its answer was lost may be carried out twice, unless the route is idempotent.
    pub fn with_retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// The same with a request that a busy server refused (503) tried again while no other of this client and its clones is
    /// under way. The reference on SQLite refuses writes that come together, however often they come together again.
    pub fn with_turns(mut self) -> Self {
        self.turns = Some(Arc::default());
        self
    }

    /// The server that is spoken with.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// `GET path`
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.ask(Method::GET, path, None::<&()>).await
    }

    /// `GET path`, as text.
    pub async fn get_text(&self, path: &str) -> Result<String, ClientError> {
        Ok(self.send(Method::GET, path, None::<&()>).await?.1)
    }

    /// `GET path`; `None` when there is no such thing.
    pub async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, ClientError> {
        found(self.get(path).await)
    }

    /// `POST path`
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// `POST path`, of whose answer only the success matters.
    pub async fn post_only(&self, path: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.send(Method::POST, path, Some(body)).await.map(drop)
    }

    /// `PATCH path`
    pub async fn patch(&self, path: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.send(Method::PATCH, path, Some(body)).await.map(drop)
    }

    /// `PUT path`
    pub async fn put(&self, path: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.send(Method::PUT, path, Some(body)).await.map(drop)
    }

    /// `DELETE path`
    pub async fn delete(&self, path: &str) -> Result<(), ClientError> {
        self.send(Method::DELETE, path, None::<&()>).await.map(drop)
    }

    /// Any request; the answer as text, which is empty where the server says nothing.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<String, ClientError> {
        let method = Method::from_bytes(method.as_bytes()).map_err(unusable)?;
        Ok(self.send(method, path, body).await?.1)
    }

    /// What time it is for the server, to the second, if it says so.
    pub async fn server_time(&self) -> Result<Option<Timestamp>, ClientError> {
        let response = self.exchange(&Method::GET, "/health", None).await?;
        let date = response.headers().get("date").and_then(|date| date.to_str().ok());
        let time = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let since_epoch = time.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        Ok(since_epoch.and_then(|time| i64::try_from(time.as_micros()).ok()).map(Timestamp::from_micros))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        let request = format!("{method} {path}");
        let (_, text) = self.send(method, path, body).await?;
        serde_json::from_str(&text)
            .map_err(|error| ClientError::Nonsense { request, cause: error.to_string() })
    }

    /// Sends a request until it is answered for good. Returns status and body of a 2xx.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<(u16, String), ClientError> {
        let body = body.map(serde_json::to_vec).transpose().map_err(unusable)?;
        let mut attempt = 0;
        let mut was_busy = false;
        loop {
            let answer = match &self.turns {
                Some(turns) if was_busy => {
                    let _alone = turns.write().await;
                    self.send_once(&method, path, body.as_deref()).await
                }
                Some(turns) => {
                    let _with_others = turns.read().await;
                    self.send_once(&method, path, body.as_deref()).await
                }
                None => self.send_once(&method, path, body.as_deref()).await,
            };
            let (error, asked_to_wait) = match answer {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            was_busy = matches!(error, ClientError::Refused { status: 503, .. });
            if attempt >= self.retries || !error.is_temporary() {
                return Err(error);
            }
            let backoff = Duration::from_millis(200 << attempt.min(7));
            let wait = asked_to_wait.unwrap_or(backoff).min(LONGEST_WAIT);
            tracing::debug!(%error, ?wait, "a request is tried again");
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    async fn send_once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<(u16, String), (ClientError, Option<Duration>)> {
        let response = self.exchange(method, path, body).await.map_err(|error| (error, None))?;
        let (status, wait) = (response.status().as_u16(), retry_after(&response));
        let text = response.text().await.map_err(|error| (self.unreachable(&error), None))?;
        if (200..300).contains(&status) {
            return Ok((status, text));
        }
        if status == 403 && CSRF_REFUSALS.contains(&detail(&text).as_str()) {
            self.fetch_csrf_token().await.map_err(|error| (error, None))?;
            let response = self.exchange(method, path, body).await.map_err(|error| (error, None))?;
            let status = response.status().as_u16();
            let text = response.text().await.map_err(|error| (self.unreachable(&error), None))?;
            if (200..300).contains(&status) {
                return Ok((status, text));
            }
            return Err((self.refusal(method, path, status, &text), None));
        }
        Err((self.refusal(method, path, status, &text), wait))
    }

    async fn exchange(
        &self,
        method: &Method,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Response, ClientError> {
        let mut request = self.http.request(method.clone(), self.target.url(path));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_vec());
        }
        if let Some(token) = self.csrf.token.read().await.clone() {
            request = request
                .header("prefect-csrf-token", token)
                .header("prefect-csrf-client", self.csrf.client.to_string());
        }
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    async fn fetch_csrf_token(&self) -> Result<(), ClientError> {
        #[derive(serde::Deserialize)]
        struct Token {
            token: String,
        }
        let path = format!("/csrf-token?client={}", self.csrf.client);
        let response = self.exchange(&Method::GET, &path, None).await?;
        let token: Token = response.json().await.map_err(|error| self.unreachable(&error))?;
        *self.csrf.token.write().await = Some(HeaderValue::try_from(token.token).map_err(unusable)?);
        Ok(())
    }

    fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        // The innermost cause says most: "Connection refused".
        let mut cause: &dyn std::error::Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let cause = if error.is_timeout() {
            format!("no answer within {} s", TIMEOUT.as_secs())
        } else {
            cause.to_string()
        };
        ClientError::Unreachable { url: self.target.api.to_string(), cause }
    }

    fn refusal(&self, method: &Method, path: &str, status: u16, body: &str) -> ClientError {
        let detail = detail(body);
        match status {
            401 | 403 => ClientError::Unauthorized { url: self.target.api.to_string(), detail },
            // What an API says of a path, and not of an object.
            404 if detail == "Not Found" => ClientError::NotFound {
                detail: format!(
                    "{} has nothing at {path}; is it the address of an API? (it ends with /api)",
                    self.target.api
                ),
            },
            404 => ClientError::NotFound { detail },
            _ => ClientError::Refused { request: format!("{method} {path}"), status, detail },
        }
    }
}

/// What does not exist is `None`.
pub(crate) fn found<T>(answer: Result<T, ClientError>) -> Result<Option<T>, ClientError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// `Retry-After` in seconds; dates are not used by servers of this protocol.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: f64 = response.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn authorization(credentials: &Credentials) -> Result<Option<HeaderValue>, ClientError> {
    let text = match credentials {
        Credentials::None => return Ok(None),
        Credentials::AuthString(text) => format!("Basic {}", BASE64_STANDARD.encode(text)),
        Credentials::ApiKey(key) => format!("Bearer {key}"),
    };
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| ClientError::Unusable("the API key cannot be sent as a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn unusable(error: impl std::fmt::Display) -> ClientError {
    ClientError::Unusable(error.to_string())
}

/// TLS is rustls on ring, here as everywhere in the process.
pub(crate) fn use_ring() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // An error says that a provider is installed already: it is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use serde_json::Value;

    use super::Client;
    use crate::Target;

    /// Answers a request with 503 if there is another one at the time.
    fn answer(stream: TcpStream, at_once: &AtomicUsize) {
        let mut reader = BufReader::new(&stream);
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
            line.clear();
        }
        let is_alone = at_once.fetch_add(1, Ordering::SeqCst) == 0;
        std::thread::sleep(Duration::from_millis(10));
        at_once.fetch_sub(1, Ordering::SeqCst);
        let status = if is_alone { "200 OK" } else { "503 Service Unavailable" };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: 4\r\nconnection: close\r\n\r\n");
        let _ = (&stream).write_all(format!("{head}null").as_bytes());
    }

    #[tokio::test]
    async fn requests_that_a_server_refuses_because_of_each_other_take_turns() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let at_once = Arc::new(AtomicUsize::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let at_once = Arc::clone(&at_once);
                std::thread::spawn(move || answer(stream, &at_once));
            }
        });
        let target = Target::at(&format!("http://{address}/api")).expect("an address");
        // Each may be refused once.
        let client = Client::new(target).expect("a client").with_retries(1).with_turns();
        let requests = (0..12).map(|_| client.get::<Value>("/something"));
        for answer in futures::future::join_all(requests).await {
            assert_eq!(answer.expect("an answer"), Value::Null);
        }
    }
}
