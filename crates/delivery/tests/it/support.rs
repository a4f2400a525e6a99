//! Servers that the tests play.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sluice_delivery::Resolve;
use sluice_notifications::Request;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What a server was told.
pub(crate) type Heard = Arc<Mutex<Vec<String>>>;

pub(crate) fn heard(heard: &Heard) -> Vec<String> {
    heard.lock().expect("nobody panicked").clone()
}

/// A certificate for `localhost` and 127.0.0.1, and the authority that made it.
pub(crate) fn certificate() -> (CertificateDer<'static>, Arc<ServerConfig>) {
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority =
        CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names)
        .expect("parameters")
        .signed_by(&key, &authority)
        .expect("a certificate");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("a configuration");
    (authority.der().clone(), Arc::new(config))
}

/// A web server on 127.0.0.1 that gives every connection one of the answers, in turn, the last one for ever; returns
/// its port and what it was asked. After an answer that ends with `<stall>` the connection stays open.
pub(crate) async fn web_server(answers: &[&str], tls: Option<Arc<ServerConfig>>) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Heard::default();
    let (noted, answers) =
        (Arc::clone(&asked), answers.iter().map(|&answer| answer.to_owned()).collect::<Vec<_>>());
    tokio::spawn(async move {
        for turn in 0.. {
            let (stream, _) = listener.accept().await.expect("a connection");
            let answer = answers[turn.min(answers.len() - 1)].clone();
            let (noted, tls) = (Arc::clone(&noted), tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => serve(stream, &answer, &noted).await,
                    Some(config) => {
                        if let Ok(stream) = TlsAcceptor::from(config).accept(stream).await {
                            serve(stream, &answer, &noted).await;
                        }
                    }
                }
            });
        }
    });
    (port, asked)
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str, noted: &Heard) {
    let mut text = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        text.extend_from_slice(&buffer[..read]);
        let so_far = String::from_utf8_lossy(&text).into_owned();
        let is_whole = so_far.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.to_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length:").and_then(|length| length.trim().parse::<usize>().ok())
            });
            body.len() >= length.unwrap_or(0)
        });
        if is_whole || read == 0 {
            noted.lock().expect("nobody panicked").push(so_far);
            break;
        }
    }
    let stalls = answer.strip_suffix("<stall>");
    let _ = stream.write_all(stalls.unwrap_or(answer).as_bytes()).await;
    if stalls.is_some() {
        std::future::pending::<()>().await;
    }
    let _ = stream.shutdown().await;
}

/// A request of a `Webhook` block.
pub(crate) fn webhook(data: &serde_json::Value, payload: &str) -> Request {
    let id = "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51".parse().expect("an id");
    sluice_notifications::webhook(data.as_object().expect("an object"), payload, id).expect("a request")
}

/// Every name is at these addresses.
#[derive(Debug)]
pub(crate) struct FixedResolver(pub(crate) Vec<IpAddr>, pub(crate) Mutex<Vec<String>>);

impl FixedResolver {
    pub(crate) fn new(addresses: &[&str]) -> Arc<Self> {
        let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
        Arc::new(Self(addresses, Mutex::default()))
    }
}

impl Resolve for FixedResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.1.lock().expect("nobody panicked").push(name.to_owned());
        let addresses = self.0.clone();
        async move { Ok(addresses) }.boxed()
    }
}
