//! A request to a service.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::message::SENDER;
use crate::problem::Problem;

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "they are words of HTTP")]
pub enum Method {
    Get,
    #[default]
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A request to a service. Shows nothing but its method and the host: the rest may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to: `http` or `https`, with a host.
    pub url: Url,
    /// Names and values, in order. `Host` and `Content-Length` are left to who sends it.
    pub headers: Vec<(String, String)>,
    /// The body; empty: none.
    pub body: Vec<u8>,
    /// How long the whole exchange may take; none: as long as usual.
    pub timeout: Option<Duration>,
    /// Whether the block allows addresses that are not public.
    pub allow_private: bool,
    /// Whether the service must prove who it is.
    pub verify: bool,
}

impl Request {
    /// A request without a body.
    ///
    /// # Errors
    /// When `url` is no address of a web server. What it is stays unsaid: it may be secret.
    pub(crate) fn new(method: Method, url: &str) -> Result<Self, Problem> {
        let url = Url::parse(url.trim())
            .map_err(|error| Problem::invalid(format!("the url is not valid: {error}")))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(Problem::invalid("the url is not valid: only http and https are allowed"));
        }
        Ok(Self {
            method,
            url,
            headers: vec![("User-Agent".to_owned(), SENDER.to_owned())],
            body: Vec::new(),
            timeout: None,
            allow_private: true,
            verify: true,
        })
    }

    /// `POST` of a JSON object.
    pub(crate) fn json(url: &str, body: &Value) -> Result<Self, Problem> {
        Ok(Self::new(Method::Post, url)?.with_json(body))
    }

    pub(crate) fn with_json(mut self, body: &Value) -> Self {
        self.default_header("Content-Type", "application/json");
        self.body = body.to_string().into_bytes();
        self
    }

    pub(crate) fn with_form<'p>(mut self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.default_header("Content-Type", "application/x-www-form-urlencoded");
        self.body = body.into_bytes();
        self
    }

    /// Sets a header in the place of one that has the name, in whatever case.
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets a header unless there is one of this name.
    pub(crate) fn default_header(&mut self, name: &str, value: &str) {
        if !self.headers.iter().any(|(found, _)| found.eq_ignore_ascii_case(name)) {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, host) = (self.method.as_str(), self.url.host_str().unwrap_or_default());
        write!(formatter, "{method} {}://{host}/...", self.url.scheme())
    }
}

#[cfg(test)]
mod tests {
    use super::{Method, Request};

    #[test]
    fn a_request_shows_no_secret() {
        let request = Request::new(Method::Post, "https://user:pass@hooks.example.com/T0/B0/token?key=x")
            .expect("a request")
            .header("Authorization", "Bearer token");
        assert_eq!(format!("{request:?}"), "POST https://hooks.example.com/...");
    }

    #[test]
    fn only_web_addresses_are_taken() {
        for url in
            ["", "hooks.example.com/x", "ftp://example.com/", "file:///etc/passwd", "https://", "http:///"]
        {
            let refused = Request::new(Method::Get, url);
            assert!(refused.is_err(), "{url}: {refused:?}");
        }
    }
}
