//! One exchange over HTTP/1.1, on a connection of its own.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use sluice_notifications::Request;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::error::DeliveryError;
use crate::guard::is_private;
use crate::resolve::Resolve;

/// As much of an answer is read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// What a service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The text, cut off after 64 KiB.
    pub body: String,
}

impl Answer {
    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Where the host of the URL is. Each address was looked at: none is private, unless that is allowed.
pub(crate) async fn addresses(
    resolver: &dyn Resolve,
    url: &Url,
    allow_private: bool,
) -> Result<Vec<SocketAddr>, DeliveryError> {
    let port = url.port_or_known_default().unwrap_or(80);
    let found: Vec<IpAddr> = match url.host() {
        Some(Host::Ipv4(address)) => vec![address.into()],
        Some(Host::Ipv6(address)) => vec![address.into()],
        Some(Host::Domain(name)) => resolver
            .resolve(name)
            .await
            .map_err(|error| DeliveryError::Temporary(format!("the host could not be resolved: {error}")))?,
        None => Vec::new(),
    };
    if found.is_empty() {
        return Err(DeliveryError::Temporary("the host could not be resolved: it has no address".to_owned()));
    }
    if !allow_private && found.iter().any(|address| is_private(*address)) {
        return Err(DeliveryError::Final(
            "the url is not allowed: its host resolves to a private address".to_owned(),
        ));
    }
    Ok(found.into_iter().map(|address| SocketAddr::new(address, port)).collect())
}

/// How long the parts of an exchange may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Until the connection stands; the same again for TLS.
    pub(crate) connect: Duration,
    /// When the status of the answer must be there.
    pub(crate) deadline: Instant,
    /// From there to the end of its text. What comes later is not read.
    pub(crate) text: Duration,
}

/// Sends the request to the first of `addresses` that takes the connection.
pub(crate) async fn exchange(
    request: &Request,
    addresses: &[SocketAddr],
    tls: Option<Arc<ClientConfig>>,
    patience: Patience,
) -> Result<Answer, DeliveryError> {
    let connect_timeout = patience.connect;
    let message = message(request)?;
    let too_slow = |_| DeliveryError::Temporary("the service did not take the connection in time".to_owned());
    let connecting = async {
        let stream = connect(addresses).await?;
        let Some(config) = tls else { return Ok((stream, None)) };
        let name = ServerName::try_from(
            request.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
        )
        .map_err(|_| DeliveryError::Final("the host of the url is no name for TLS".to_owned()))?;
        Ok((stream, Some((TlsConnector::from(config), name))))
    };
    let (stream, secure) = tokio::time::timeout(connect_timeout, connecting).await.map_err(too_slow)??;
    match secure {
        None => talk(stream, message, patience).await,
        Some((connector, name)) => {
            let stream = tokio::time::timeout(connect_timeout, connector.connect(name, stream))
                .await
                .map_err(too_slow)?
                .map_err(|error| DeliveryError::Temporary(format!("could not connect with TLS: {error}")))?;
            talk(stream, message, patience).await
        }
    }
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, DeliveryError> {
    let mut last = None;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    let reason = last.map_or_else(|| "no address".to_owned(), |error| error.to_string());
    Err(DeliveryError::Temporary(format!("could not connect: {reason}")))
}

fn message(request: &Request) -> Result<http::Request<Full<Bytes>>, DeliveryError> {
    let unusable = |what: &str| DeliveryError::Final(format!("{what} cannot be part of a request"));
    let url = &request.url;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let body = Bytes::from(request.body.clone());
    // Services may want to be told that there is nothing.
    let tells_length = !body.is_empty() || request.method.as_str() != "GET";
    let length = body.len();
    let mut message = http::Request::builder()
        .method(request.method.as_str())
        .uri(path)
        .body(Full::new(body))
        .map_err(|_| unusable("the path of the url"))?;
    let headers = message.headers_mut();
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    headers.insert(HOST, HeaderValue::from_str(&host).map_err(|_| unusable("the host of the url"))?);
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable("the name of a header"))?;
        if name == CONTENT_LENGTH
            || name == http::header::TRANSFER_ENCODING
            || name == http::header::CONNECTION
        {
            continue;
        }
        let value =
            HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unusable("the value of a header"))?;
        headers.insert(name, value);
    }
    if tells_length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if !url.username().is_empty() && !headers.contains_key(AUTHORIZATION) {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let credentials =
            format!("{}:{}", decoded(url.username()), decoded(url.password().unwrap_or_default()));
        let value = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(credentials)));
        headers.insert(AUTHORIZATION, value.map_err(|_| unusable("the user of the url"))?);
    }
    Ok(message)
}

async fn talk<S>(
    stream: S,
    message: http::Request<Full<Bytes>>,
    patience: Patience,
) -> Result<Answer, DeliveryError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: hyper::Error| {
        DeliveryError::Temporary(format!("the connection to the service broke: {error}"))
    };
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let exchange = async {
        let response = tokio::time::timeout_at(patience.deadline, sender.send_request(message))
            .await
            .map_err(|_| DeliveryError::Temporary("the service did not answer in time".to_owned()))?
            .map_err(broken)?;
        let (head, mut body) = response.into_parts();
        let mut text = Vec::new();
        // The status has come, and decides: what is missing of the text changes nothing.
        let reading = async {
            while text.len() < LONGEST_ANSWER {
                let Some(Ok(frame)) = body.frame().await else { break };
                if let Some(data) = frame.data_ref() {
                    text.extend_from_slice(data);
                }
            }
        };
        let _ = tokio::time::timeout(patience.text, reading).await;
        text.truncate(LONGEST_ANSWER);
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers.iter().map(header).collect(),
            // The answer is told by an event, and PostgreSQL stores no NUL.
            body: String::from_utf8_lossy(&text).replace('\0', ""),
        })
    };
    // The connection is driven beside the exchange, and dropped with it.
    let driven = async {
        let _ = connection.await;
        std::future::pending::<()>().await
    };
    tokio::select! {
        answer = exchange => answer,
        () = driven => Err(DeliveryError::Temporary("the connection to the service broke".to_owned())),
    }
}
