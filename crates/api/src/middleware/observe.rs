//! A span, a log line and two metrics for every request; an id that client and log share.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{Counter, Histogram};
use tracing::Instrument;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_REQUEST_ID: usize = 128;

/// Observes the request. The client's `X-Request-ID` is kept; without one the request gets a new id.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let request_id = request
        .headers()
        .get(&REQUEST_ID)
        .filter(|id| id.len() <= LONGEST_REQUEST_ID)
        .cloned()
        .unwrap_or_else(new_request_id);
    let span = tracing::info_span!(
        "request",
        id = request_id.to_str().unwrap_or_default(),
        %method,
        path = request.uri().path(),
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let seconds = started.elapsed().as_secs_f64();
    measure(&method, route.as_ref().map_or("unmatched", MatchedPath::as_str), status, seconds);
    let _entered = span.enter();
    tracing::debug!(status, seconds, "answered");
    response.headers_mut().insert(REQUEST_ID, request_id);
    response
}

/// Counts an answer. Each thread keeps the metrics of what it has answered so far: to find them among all metrics by
/// their labels costs more than to count.
fn measure(method: &Method, route: &str, status: u16, seconds: f64) {
    thread_local! {
        static KNOWN: RefCell<HashMap<Box<str>, Vec<Answers>>> = RefCell::default();
    }
    // Clients may send methods of their own; a metric for each would have no end.
    let method = if STANDARD_METHODS.contains(method) { method.as_str() } else { "other" };
    KNOWN.with_borrow_mut(|known| {
        if !known.contains_key(route) {
            known.insert(route.into(), Vec::new());
        }
        let Some(answers) = known.get_mut(route) else { return };
        let same = |answers: &&Answers| answers.status == status && answers.method == method;
        let answers = match answers.iter().find(same) {
            Some(answers) => answers,
            None => answers.push_mut(Answers::new(method, route, status)),
        };
        answers.count.increment(1);
        answers.seconds.record(seconds);
    });
}

const STANDARD_METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// The metrics of one route, method and status.
struct Answers {
    method: String,
    status: u16,
    count: Counter,
    seconds: Histogram,
}

impl Answers {
    fn new(method: &str, route: &str, status: u16) -> Self {
        let labels =
            [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
        Self {
            method: method.to_owned(),
            status,
            count: metrics::counter!("sluice_http_requests_total", &labels),
            seconds: metrics::histogram!("sluice_http_request_seconds", &labels[..2]),
        }
    }
}

fn new_request_id() -> HeaderValue {
    let id = Uuid::now_v7().simple().to_string();
    HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("unknown"))
}
